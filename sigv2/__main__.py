"""`python -m sigv2`."""

from sigv2.cli import app

app(prog_name="python -m sigv2")
