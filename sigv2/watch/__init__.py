"""`python -m sigv2 watch`: requests as they arrive in the log."""
