"""`python -m sigv2`."""

import sys
import traceback
from pathlib import Path

_ENVIRONMENT = Path(__file__).parents[1].resolve() / ".venv"


def _said_of(missing: ModuleNotFoundError) -> str:
    """What is wrong where a module is missing, and the way out: what `make venv` cannot mend, it is not named for."""
    if Path(sys.prefix).resolve() != _ENVIRONMENT.resolve():
        return f"{missing.name} is not installed for {sys.executable}: run `make venv`, then .venv/bin/python -m sigv2."
    importer = Path(traceback.extract_tb(missing.__traceback__)[-1].filename)
    if "site-packages" not in importer.parts:
        return f"{missing.name} was removed from .venv: run `make clean venv`, which makes it anew."
    package = importer.parts[importer.parts.index("site-packages") + 1].removesuffix(".py")
    version = ".".join(map(str, sys.version_info[:2]))
    return (
        f"{package}, as installed in .venv, does not work with Python {version} ({missing}): run `make clean venv` if "
        "something was removed from .venv, else make it with another Python, as in `make venv PYTHON=python3.11`."
    )


try:
    from sigv2.cli import app

    app(prog_name="python -m sigv2")
except ModuleNotFoundError as missing:
    sys.exit(f"Error: {_said_of(missing)}")
except KeyboardInterrupt:
    sys.exit(130)
