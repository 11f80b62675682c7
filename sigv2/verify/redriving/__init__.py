"""`python -m sigv2 verify --redrive`: brings what waits in the dead-letter queue into the log group, each once."""
