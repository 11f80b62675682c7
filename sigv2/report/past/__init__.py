"""`report --from`: what logs that are there already tell of SigV2, read where they lie."""
