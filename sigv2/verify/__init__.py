"""`python -m sigv2 verify`: is the pipeline alive, and if it is not, which link is broken."""
