# Thin aliases: the work is done by `oms` (infra/cli.py) and by the tools that pyproject.toml sets up.
# Everything but `setup`, `lock` and `clean` leaves the virtual environment as it is; nothing needs root.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo chaos test test-fast lint check bench up down lock docs clean

help:  ## list these targets
	@awk -F ':[^#]*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

# As pip does for packages: a process of the installation is started often, and an environment may
# forbid it to keep what it compiled.
setup: $(STAMP)  ## create .venv with every locked package and the oms command
	@$(BIN)/python -m compileall -q actors messages gateways infra

demo: setup  ## show the whole system at work, with one process killed on purpose
	$(BIN)/oms demo $(ARGS)

chaos: setup  ## kill every kind of process while orders flow, and prove that nothing is lost
	$(BIN)/oms chaos $(ARGS)

test: setup  ## run every test (ARGS="-k text" selects)
	$(BIN)/python tests/all.py $(ARGS)

test-fast: setup  ## run the tests that need no RabbitMQ, Ray, FIX session or Prometheus
	$(BIN)/pytest -m "not live" $(ARGS)

lint: setup  ## check format, style, types and layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

check: lint test  ## lint, then every test

bench: setup  ## measure throughput and latency
	$(BIN)/oms bench $(ARGS)

up: setup  ## start the system
	$(BIN)/oms up $(ARGS)

down: setup  ## stop the system
	$(BIN)/oms down $(ARGS)

lock: setup  ## resolve pyproject.toml into requirements.lock, then docs (ARGS=--upgrade)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --generate-hashes --no-header \
	  --no-annotate --no-emit-index-url --no-emit-find-links --quiet $(ARGS) -o requirements.lock
	$(MAKE) --no-print-directory docs

docs: setup  ## write the generated pages again
	$(BIN)/python docs/third_party.py > $(VENV)/THIRD_PARTY.md
	mv $(VENV)/THIRD_PARTY.md docs/THIRD_PARTY.md
	$(BIN)/python -m docs.lifecycle > $(VENV)/LIFECYCLE.md
	mv $(VENV)/LIFECYCLE.md docs/LIFECYCLE.md
	$(BIN)/python -m infra.manifests
	$(BIN)/python -m docs.metrics > $(VENV)/METRICS.md
	mv $(VENV)/METRICS.md docs/METRICS.md
	$(BIN)/oms dashboards write --out infra/monitoring/files

clean:  ## remove .venv, caches and builds, but never var/ with its journals
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis \
	  .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp is newer than what it was made from only after every step has passed, so a broken
# set-up is taken up again. The lock's hashes cover all that is fetched: the project itself is
# put on the path by a .pth file, which needs no build backend.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "oms needs Python 3.11 or newer: make setup PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked packages into $(VENV), about half a minute ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
	  -r requirements.lock
	@echo '$(CURDIR)' > "$$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])')/oms.pth"
	@printenv OMS > $(BIN)/oms && chmod +x $(BIN)/oms
	@test -x /usr/lib/rabbitmq/bin/rabbitmq-server && command -v prometheus > /dev/null && \
	  ls /usr/lib/postgresql/*/bin/postgres > /dev/null 2>&1 || echo \
	  "For all tests: apt-get install --no-install-recommends rabbitmq-server prometheus postgresql" \
	  "(as root; without root, $(BIN)/oms doctor tells how to unpack a private broker)."
	@touch $@

# What pip writes for an entry point: through /bin/sh, so that the path may be long or hold spaces.
define OMS
#!/bin/sh
'''exec' "$(CURDIR)/$(BIN)/python" "$$0" "$$@"
' '''
import sys

from infra.cli import main

sys.exit(main())
endef
export OMS
