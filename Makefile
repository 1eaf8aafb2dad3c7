# Everything a fresh machine needs is made here: .venv from the lock files, then what the target does.

.DEFAULT_GOAL := help
SHELL := /bin/sh
.DELETE_ON_ERROR:
.PHONY: help demo test test-quick check fuzz messages format lock clean bench suricata

UV := uv==0.13.9
VENV := .venv
BIN := $(VENV)/bin
PYTHON = $(BIN)/python
COUNT ?= 10000
SEED ?= 1
LOCALE ?= de
PYTEST_ARGS ?= -n auto --dist loadfile

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | awk -F '\t' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: $(VENV)/.product ## run the whole site with demo data (PORT=8000)
	@exec $(PYTHON) -m soctrainer.supervisor

test: $(VENV)/.dev ## run all tests: on PostgreSQL + Redis, then on the embedded default
	@sh scripts/ensure-chromium.sh
	E2E_CHROMIUM="$$(sh scripts/find-chromium.sh)" $(BIN)/pytest $(PYTEST_ARGS)
	E2E_CHROMIUM="$$(sh scripts/find-chromium.sh)" SOCTRAINER_TEST_SERVICES=embedded $(BIN)/pytest -m embedded $(PYTEST_ARGS)

test-quick: $(VENV)/.dev ## run the tests that need neither a browser nor seconds
	$(BIN)/pytest -m "not browser and not slow and not chaos"

bench: $(VENV)/.dev ## measure the engine beside tshark and argus on one capture, the queue with ten thousand tickets, a desk with 20,000 packets, and a regrading of a thousand submissions
	@sh scripts/ensure-capture-tools.sh
	@$(PYTHON) -m bench.engine
	@$(PYTHON) -m bench.queue
	@$(PYTHON) -m bench.desk
	@$(PYTHON) -m bench.regrading

suricata: $(VENV)/.dev ## run the real Suricata over every scenario's capture, and hold its alerts against ours
	@sh scripts/ensure-suricata.sh
	$(BIN)/pytest tests/quality/test_real_suricata.py

check: $(VENV)/.dev ## look at the code without running it: style, types, layers, templates, migrations
	@PATH="$(CURDIR)/$(BIN):$$PATH" SOCTRAINER_ENV=test sh scripts/check.sh

fuzz: $(VENV)/.dev ## read 10,000 random and mutated files (COUNT=10000, SEED=1)
	$(PYTHON) -m tests.fuzz --count $(COUNT) --seed $(SEED)

messages: $(VENV)/.dev ## gather all words for a translator into locale/ (LOCALE=de; wants GNU gettext)
	@mkdir -p locale
	SOCTRAINER_ENV=test $(PYTHON) manage.py makemessages --locale $(LOCALE) --ignore=tests --ignore=var

format: $(VENV)/.dev ## put code and templates into shape
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .
	find templates -name '*.html' -exec $(BIN)/djade --target-version 5.2 {} + || true
	$(BIN)/djhtml --tabwidth 2 templates || true

lock: $(VENV)/.dev ## write the lock files anew from requirements.in and requirements-dev.in
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header requirements.in -o requirements.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header requirements-dev.in -o requirements-dev.lock

clean: ## remove .venv, the demo's data and caches
	rm -rf $(VENV) var .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage test-results fuzz-failures

$(PYTHON):
	@sh scripts/make-venv.sh $(VENV) "$(UV)"

# Real files as stamps: a second start installs nothing.
$(VENV)/.product: requirements.lock | $(PYTHON)
	@sh scripts/install.sh $(VENV) requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(PYTHON)
	@sh scripts/install.sh $(VENV) requirements-dev.lock
	@touch $(VENV)/.product $@
