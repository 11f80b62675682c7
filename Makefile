# Each target builds .venv first where it is missing or its requirements changed.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
READY := .venv/.ready
PIP_AUDIT := 2.10.1

.PHONY: venv demo test lint format bench fuzz audit clean

venv: $(READY) ## what everything here needs, in .venv

demo: $(READY) ## deploy the dev stack into the sandbox and send it real S3 requests
	$(BIN)/python -m sigv2 sandbox demo

test: $(READY) ## unit tests, and real S3 clients against the sandbox
	$(BIN)/python -m pytest --numprocesses=auto --quiet

lint: $(READY) ## formatting, lint rules, strict types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(READY) ## rewrite what the formatter and the lint rules can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY) ## time and memory of one evaluation of the program
	$(BIN)/python bench/evaluate.py

fuzz: $(READY) ## ten thousand wrong and odd configurations
	$(BIN)/python -m pytest --hypothesis-profile=fuzz --timeout=0 --quiet tests/unit/test_fuzz.py

audit: $(READY) ## known vulnerabilities of what is pinned; asks a service on the internet
	$(BIN)/pip install --quiet --disable-pip-version-check pip-audit==$(PIP_AUDIT)
	$(BIN)/pip-audit --requirement requirements.txt --requirement requirements-dev.txt

clean: ## remove the virtual environment and every cache
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.txt requirements-dev.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	touch $@
