# Each target makes .venv first where it is missing, its requirements changed, or PYTHON names another version.
BIN := .venv/bin
PIP_AUDIT := 2.10.1

.PHONY: venv demo test lint format bench fuzz audit clean

venv: ## what everything here needs, in .venv
	@.ci/venv "$(PYTHON)"

demo: venv ## deploy the dev stack into the sandbox and send it real S3 requests
	$(BIN)/python -m sigv2 sandbox demo

test: venv ## unit tests, and real S3 clients against the sandbox
	$(BIN)/python -m pytest --numprocesses=auto --quiet

lint: venv ## formatting, lint rules, strict types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: venv ## rewrite what the formatter and the lint rules can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: venv ## time and memory of one evaluation of the program
	$(BIN)/python bench/evaluate.py

fuzz: venv ## ten thousand new examples for each property that is tested
	$(BIN)/python -m pytest --numprocesses=auto --hypothesis-profile=fuzz --timeout=0 --quiet -m hypothesis

audit: venv ## known vulnerabilities of what is pinned; asks a service on the internet
	$(BIN)/pip install --quiet --disable-pip-version-check pip-audit==$(PIP_AUDIT)
	$(BIN)/pip-audit --requirement requirements.txt --requirement requirements-dev.txt

clean: ## remove the virtual environment and every cache
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
