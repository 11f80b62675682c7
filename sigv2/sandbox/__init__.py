"""An emulated AWS in which real S3 clients prove the pipeline."""
