# `make` prints what there is. Everything is installed into .venv and, for the local AWS, .emulator.

BIN := .venv/bin
PYTHONS := $(shell cat infra/pythons.txt)
PYTHON ?= $(shell infra/find_python.sh)
# Rewritten by a successful install, so that a broken one is tried again.
STAMP := .venv/installed
LOCKS := requirements requirements-signing requirements-dev infra/emulator-requirements infra/layer/requirements train/requirements

.DEFAULT_GOAL := help
.PHONY: help setup demo up down test test-quick check audit lock format bench bench-classify incidents mutate clean

help:  ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP)  ## build .venv (the others do it when it is needed)

$(STAMP): requirements.txt requirements-signing.txt requirements-dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Earshot needs one of these versions of Python: $(PYTHONS)." \
		"Install one, or name it: make $(or $(MAKECMDGOALS),setup) PYTHON=/path/to/python$(firstword $(PYTHONS))" >&2; exit 1; }
	@echo "Setting up .venv with $$($(PYTHON) --version) (once, about a minute). First its Python ..."
	@test "$(PYTHON)" = .venv/bin/python || $(PYTHON) -m venv --clear .venv
	@echo "  then the packages of requirements-dev.txt ..."
	@$(BIN)/python infra/pip_install.py --requirement requirements-dev.txt
	@echo "  then Earshot itself: this folder as it is, and the command .venv/bin/earshot ..."
	@$(BIN)/python infra/pip_install.py --no-build-isolation --no-deps --editable .
	@touch $(STAMP)

demo: $(STAMP)  ## a bad morning at an airline, on this machine, no account needed (ONCE=1 ends by itself)
	@$(BIN)/python -m infra demo $(if $(ONCE),--once)

up: $(STAMP)  ## start the local stage, or bring it up to date with the code
	@$(BIN)/python -m infra up

down: $(STAMP)  ## stop the local stage and keep its state
	@$(BIN)/python -m infra down

# Each worker has a local AWS of its own, and all tests of a file, so that its stack is deployed once for each worker.
PYTEST := $(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

test: $(STAMP)  ## run every test (ARGS="tests/domain -k clock" for some)
	@$(PYTEST) $(ARGS)

test-quick: $(STAMP)  ## run the tests that need no local AWS: the pure rings
	@$(PYTEST) -m "not local_aws" $(ARGS)

check: $(STAMP)  ## format, lint, types, import rules, template
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cfn-lint infra/resources.yaml

audit: $(STAMP)  ## hold every pinned package against the index's list of known vulnerabilities
	@$(BIN)/python -m infra.deploy.audit

lock:  ## after an edit of a requirements .in file: pin all that it needs, with hashes (ARGS=--upgrade for the newest)
	@test -x $(BIN)/uv || $(MAKE) setup
	@for list in $(LOCKS); do \
		$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version $(lastword $(PYTHONS)) \
			--custom-compile-command "make lock" $(ARGS) $$list.in --output-file $$list.txt || exit 1; done

format: $(STAMP)  ## mend what a formatter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP)  ## import times, calls and capacity units, package size
	@$(BIN)/python -m bench

bench-classify: $(STAMP)  ## how well texts are understood (ARGS="FILE ..." for CSVs with labels of your own)
	@$(BIN)/python -m bench.classify $(ARGS)

incidents: $(STAMP)  ## replay invented days with hidden outages, and thirty quiet ones (ARGS="--quiet-days 0 -v" for some)
	@$(BIN)/python -m bench.incidents $(ARGS)

mutate: $(STAMP)  ## break the clock code on purpose and count what the tests notice (SAMPLE=50 for some)
	@$(BIN)/python -m bench.mutate $(if $(SAMPLE),--sample $(SAMPLE))

clean:  ## stop the local stage and remove all that was built, its state too
	@if test -x $(BIN)/python && test -d .local; then $(BIN)/python -m infra down || { \
		echo "The local stage could not be stopped, so nothing is removed. End it, or: make clean FORCE=1" >&2; \
		$(if $(FORCE),true,exit 1); }; fi
	rm -rf .venv .emulator .local .chalice/deployments .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
