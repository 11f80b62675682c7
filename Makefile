# Each target makes .venv first where it is missing, its requirements changed, or PYTHON names another version.
BIN := .venv/bin
PIP_AUDIT := 2.10.1
PYTHON2 ?= $(shell command -v python2.7)
# The oldest that can be installed and that can be told where to go, and what came in between.
OLD_CLIENTS := awscli==1.4.0 awscli==1.11.0 boto==2.10.0 boto3==1.3.0 s3cmd==1.5.0 s3cmd==1.6.1

.PHONY: venv demo test engine clients schema lint format bench fuzz audit clean

venv: ## what everything here needs, in .venv
	@.ci/venv "$(PYTHON)"

demo: venv ## deploy the dev stack into the sandbox and send it real S3 requests
	$(BIN)/python -m sigv2 sandbox demo

test: venv ## unit tests, and real S3 clients against the sandbox; more at once than cores, as some wait for time to pass
	$(BIN)/python -m pytest --numprocesses=6 --dist=worksteal --quiet

engine: venv ## stacks, package and examples under the Pulumi CLI that is on the PATH, against the sandbox; half an hour
	$(BIN)/python -m pytest --numprocesses=auto --quiet --timeout=1800 tests/engine

clients: ## old S3 clients for `make test`, in .clients; rclone, s3fs, libs3-2, davix and s3curl are for apt-get
	test -x "$(PYTHON2)" # they need Python 2.7
	mkdir -p .clients && ln -sf $(PYTHON2) .clients/python
	for client in $(OLD_CLIENTS); do \
		.clients/python -m pip install --quiet --disable-pip-version-check --no-warn-script-location \
			--target .clients/$${client%%==*}-$${client##*==} $$client 'python-dateutil<2.8' || exit 1; \
	done

schema: venv ## write down the interface of the package anew, which the tests hold it to
	$(BIN)/python -c "import json, package.__main__ as p; print(json.dumps(json.loads(p.SigV2Provider().schema), indent=2))" \
		> tests/unit/package_schema.json

lint: venv ## formatting, lint rules, strict types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: venv ## rewrite what the formatter and the lint rules can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: venv ## time and memory of one evaluation of the program, and of a report of logs that are there already
	$(BIN)/python bench/evaluate.py
	$(BIN)/python bench/past_logs.py

fuzz: venv ## ten thousand new examples for each property that is tested
	$(BIN)/python -m pytest --numprocesses=auto --hypothesis-profile=fuzz --timeout=0 --quiet -m hypothesis

audit: venv ## known vulnerabilities of what is pinned; asks a service on the internet
	$(BIN)/pip install --quiet --disable-pip-version-check pip-audit==$(PIP_AUDIT)
	$(BIN)/pip-audit --requirement requirements.txt --requirement requirements-dev.txt

clean: ## remove the virtual environment and every cache
	rm -rf .venv .clients .mypy_cache .pytest_cache .ruff_cache .hypothesis report.html
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
