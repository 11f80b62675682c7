"""Sees S3 requests, and does with them what AWS does, as what is deployed says: records, log files, events."""
