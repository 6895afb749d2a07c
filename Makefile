# Every target prints its own help: `make help`.
PORT ?= 8000
DATA ?= var
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export COP_DATA_DIR ?= $(DATA)

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev assets chromium demo serve test check bench soak lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; say PYTHON=/path/to/python3.11"; exit 1; }
	@echo "· virtual environment in $(VENV)" && $(PYTHON) -m venv $(VENV)

# A data folder or a test run never waits for pip unless a pinned list changed.
$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(BIN)/python
	@echo "· dependencies, each checked against its hash"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt | $(VENV)/.runtime
	@echo "· tools for tests and checks"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

cop/static/vendor/cop.css: package-lock.json cop/styles/cop.scss bin/build-assets | $(VENV)/.runtime
	@echo "· stylesheet, scripts and typeface"
	@VENV=$(VENV) bin/build-assets

setup: $(VENV)/.runtime cop/static/vendor/cop.css ## everything that running the service needs

setup-dev: setup $(VENV)/.dev ## everything that working on it needs

chromium:
	@command -v chromium >/dev/null || bin/install-debian chromium

demo: setup ## the demo programme from nothing: http://127.0.0.1:8000 (PORT=, DATA=, NOW=, FRESH=1)
	@exec $(BIN)/cop demo --port $(PORT) --data $(DATA) $(if $(NOW),--now $(NOW)) $(if $(FRESH),--fresh)

serve: setup ## web server and scheduler with production settings
	@exec bin/serve --port $(PORT)

test: setup-dev chromium ## the whole test suite, browser tests included
	@$(BIN)/python -m pytest $(ARGS)

check: setup-dev ## format, lint, types, contracts
	@bin/check

bench: setup-dev ## figures, as ratios to a bare Flask application in the same run
	@$(BIN)/python -m bench

soak: setup-dev ## kill every part of an installation under load, fifty times, and check every promise
	@PATH="$$PATH:/usr/sbin" command -v nginx >/dev/null || bin/install-debian nginx-light
	@$(BIN)/python -m bench.soak

lock: setup-dev ## renew the pinned dependencies
	@bin/lock

clean: ## remove what make made (never data)
	rm -rf $(VENV) node_modules cop/static/vendor *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
