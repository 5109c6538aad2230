# Everything that a newcomer types. `make` alone lists the targets.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN  := $(VENV)/bin
NODE := ui/node_modules
PAGE := src/rlmboard/board/static/index.html

# Programs that are recorded, each with its own environment: a text file adds one.
PRODUCERS := $(patsubst tests/producers/%.txt,.producers/%/.ok,$(sort $(wildcard tests/producers/*.txt)))

# The Python that makes the environment: the first of these that is 3.11 or later.
PYTHONS := python3 python3.11 python3.12 python3.13 python3.14
RECENT  := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON  ?= $(shell for p in $(PYTHONS); do $$p -c '$(RECENT)' 2>/dev/null && echo $$p && break; done)

DEMO_HOME  := $(CURDIR)/.demo/home
DEMO_PATH  ?= README.md docs src
DEMO_QUERY ?= What happens when the disk is full?
export DEMO_QUERY

.PHONY: help demo test check bench ui types golden pictures producers clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: export RLMBOARD_HOME := $(DEMO_HOME)
demo: $(VENV)/.ok $(PAGE) ## one question over real files, twice, and the board on it (DEMO_PATH=...)
	$(BIN)/rlmboard run "$$DEMO_QUERY" $(DEMO_PATH) --provider extractive --experiment demo
	$(BIN)/rlmboard run "$$DEMO_QUERY" $(DEMO_PATH) --provider simulated --experiment demo \
		--fanout 24 --budget 200 --quorum 0.95 --per-query-timeout 2 --seed 7
	$(BIN)/rlmboard show
	$(BIN)/rlmboard tree
	$(BIN)/rlmboard providers
	$(BIN)/rlmboard verify
	$(BIN)/rlmboard history
	@if [ -t 1 ] && [ -z "$$CI" ]; then $(BIN)/rlmboard ui; else $(BIN)/rlmboard ui --check; fi

test: $(VENV)/.ok $(PAGE) $(PRODUCERS) ## set everything up and run all tests
	$(BIN)/pytest
	cd ui && npm test --silent

check: $(VENV)/.ok $(NODE)/.ok ## lint, formatting, types and floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd ui && npm run --silent lint && npm run --silent types

ui: $(PAGE) ## build the page that the board serves

types: $(VENV)/.ok ## write what the page knows of Python's types
	$(BIN)/python tools/write_types.py
	$(BIN)/python tools/write_shapes.py

golden: $(VENV)/.ok ## write the golden traces and what must come of them
	$(BIN)/python tools/write_golden.py

pictures: $(VENV)/.ok ## draw the pictures of the docs
	$(BIN)/python tools/write_pictures.py

producers: $(PRODUCERS) ## the programs that tests record, each in an environment of its own

bench: $(VENV)/.ok ## measure against peers; the figures stand in benchmarks/README.md
	$(BIN)/python benchmarks

clean: ## remove what the targets above made; no recorded run outside .demo is touched
	rm -rf $(VENV) .producers .demo dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# Where Debian's python3-venv is missing, the pip of the system fills an empty environment.
define environment
	@test -n "$(PYTHON)" && "$(PYTHON)" -c '$(RECENT)' 2>/dev/null || \
		{ echo "rlmboard needs Python 3.11 or later; name one: make PYTHON=python3.11" >&2; exit 1; }
	@if "$(PYTHON)" -c 'import ensurepip' 2>/dev/null; then "$(PYTHON)" -m venv $(1); \
	elif "$(PYTHON)" -m pip --version >/dev/null 2>&1; then \
		"$(PYTHON)" -m venv --without-pip $(1) && \
		"$(PYTHON)" -m pip --python $(1)/bin/python install --quiet pip; \
	else echo "this Python can make no environment: apt-get install python3-venv" >&2; exit 1; fi
endef
INSTALL := -m pip install --quiet --disable-pip-version-check --editable

$(VENV)/.ok: pyproject.toml
	$(call environment,$(VENV))
	$(BIN)/python $(INSTALL) '.[dev]'
	@touch $@

# Programs that send spans, and the viewer that opens them, know nothing of rlmboard, and need not
# agree with what it needs.
.producers/otel/.ok .producers/perfetto/.ok: .producers/%/.ok: tests/producers/%.txt
	$(call environment,$(@D))
	$(@D)/bin/python $(INSTALL:--editable=--requirement) $<
	@touch $@

.producers/%/.ok: tests/producers/%.txt pyproject.toml
	$(call environment,.producers/$*)
	.producers/$*/bin/python $(INSTALL) . --requirement $<
	@touch $@

$(NODE)/.ok: ui/package-lock.json
	cd ui && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(PAGE): $(NODE)/.ok ui/index.html ui/vite.config.ts ui/vite.export.config.ts $(shell find ui/src -type f)
	cd ui && npm run --silent build
