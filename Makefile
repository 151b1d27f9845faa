# Two commands set everything up: `make demo` and `make test`. See README.md for Windows.
# The first of these that runs and is new enough; a name that a version switcher only pretends to have does not run.
PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
PIP_ARGS ?=
BIN = $(VENV)/bin
REPORT ?= report
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: demo test lint types contracts check pure unit stress bench screenshots install clean

demo: $(VENV)/.station
	$(BIN)/inspector-app demo --out $(REPORT)

install: $(VENV)/.station

test: $(VENV)/.test check pure unit

check: lint types contracts

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test
	$(BIN)/mypy

contracts: $(VENV)/.test
	$(BIN)/lint-imports

# Policy and statistics: every branch is tested, and stays so.
pure: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 tests/automation tests/agreement tests/monitoring -q \
	  --cov=inspector_app.automation --cov=inspector_app.agreement --cov=inspector_app.monitoring --cov-branch --cov-fail-under=100 --cov-report=

unit: $(VENV)/.test $(VENV)/.triton
	$(BIN)/python -m pytest -n 2 --ignore=tests/automation --ignore=tests/agreement \
	  --ignore=tests/monitoring

# The tests with threads on a bad day; not part of `make test`, and worth another SEED now and then.
SEED ?= 1
ROOMS ?= tests/cameras tests/line tests/station tests/model/remote tests/model/serving tests/ui
stress: $(VENV)/.test
	PYTHONPATH=tests $(BIN)/python -m pytest -n 6 -p stalling --stalls $(SEED) $(ROOMS)

bench: $(VENV)/.test
	$(BIN)/python -m benchmarks

screenshots: $(VENV)/.station
	$(BIN)/python docs/make_screenshots.py

$(VENV)/bin/python:
	@.ci/system-libraries station
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=24"

$(VENV)/.station: pyproject.toml | $(VENV)/bin/python
	@.ci/system-libraries station
	$(BIN)/python -m pip install $(PIP_ARGS) --quiet --editable .
	@touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/bin/python
	@.ci/system-libraries test
	$(BIN)/python -m pip install $(PIP_ARGS) --quiet --editable '.[basler,codes,gentl,line,opcua,s7,server,parquet,postgres,train,models,test,lint]'
	@touch $@ $(VENV)/.station

# Tried at every change of its script; without it the tests against NVIDIA Triton are skipped with a reason.
$(VENV)/.triton: .ci/triton-environment | $(VENV)/.test
	@.ci/triton-environment .venv-triton
	@touch $@

clean:
	rm -rf $(VENV) .venv-triton $(REPORT) .mypy_cache .ruff_cache .pytest_cache .hypothesis
