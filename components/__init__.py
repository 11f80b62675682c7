"""Pulumi components of the SigV2 access log, and the pure functions that they need."""
