"""`python -m sigv2 report`: who still signs with SigV2, how to fix each of them, and when to enforce."""
