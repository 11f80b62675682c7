"""`report --from athena:…`: Athena reads logs where they lie, when they are too many to fetch."""
