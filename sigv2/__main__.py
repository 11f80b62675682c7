"""`python -m sigv2`."""

import sys

try:
    from sigv2.cli import app

    app(prog_name="python -m sigv2")
except ModuleNotFoundError as missing:
    sys.exit(f"Error: {missing.name} is not installed here: run `make venv`, then .venv/bin/python -m sigv2.")
except KeyboardInterrupt:
    sys.exit(130)
