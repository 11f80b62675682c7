"""`python -m sigv2 discover`: which buckets can still be reached with SigV2."""
