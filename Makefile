# Everything a person does with the project. `make` alone lists it.
# Needs Python 3.11-3.13 and make; all else goes into .venv and .local of this folder.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

export PYTHONUTF8 := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_CACHE_DIR := 1
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE VIRTUAL_ENV

BIN := .venv/bin
# Named after what was installed: setup is done again when the lock or the package's metadata change.
STAMP := .venv/.installed-$(shell cat requirements.lock pyproject.toml | cksum | cut -d' ' -f1)
JOBS ?= 3
SPREAD := -n $(JOBS) --dist loadscope --no-loadscope-reorder
ARGS ?=

.PHONY: help
help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: setup ## three districts, three nights, a school day, the whole stack on this machine (ARGS=--exit ends by itself)
	@$(BIN)/python -m rostersync.demo $(ARGS)

.PHONY: setup
setup: $(STAMP) ## the environment in .venv, from the lock

$(STAMP): PICK = for p in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	  "$$p" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	    2>/dev/null && { echo "$$p"; break; }; done; true
$(STAMP):
	@python=$$($(PICK)); \
	if [ -z "$$python" ]; then \
	  echo "No Python 3.11, 3.12 or 3.13 with its venv module was found." >&2; \
	  echo "Install one (Debian, Ubuntu: apt install python3 python3-venv), or name it: make setup PYTHON=/path/to/python" >&2; \
	  exit 1; \
	fi; \
	echo "Setting up .venv with $$("$$python" --version) (once, a few minutes)"; \
	rm -f .venv/.installed-*; \
	[ -x $(BIN)/python ] && $(BIN)/python -m pip --version >/dev/null 2>&1 || "$$python" -m venv --clear .venv
	@$(BIN)/python -m pip install --no-compile --no-deps --require-hashes -r requirements.lock | awk ' \
	  /^(Collecting|Requirement)/ && ++n % 40 == 0 {print "  " n " packages fetched"; fflush()} \
	  /^Installing/ {print "  installing " n " packages"; fflush()}'
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@# on all cores: pip would compile on one. Some packages carry files that are no Python of this version.
	@$(BIN)/python -m compileall -qq -j 0 .venv/lib plugins || true
	@touch $@

.PHONY: test
test: setup ## every test, fast ones first
	@$(BIN)/python -m pytest $(SPREAD) $(ARGS)

.PHONY: test-fast
test-fast: setup ## the tests that need neither Airflow nor patience
	@$(BIN)/python -m pytest $(SPREAD) -m "not slow and not airflow" $(ARGS)

.PHONY: lint
lint: setup ## style, format, types, import rules, SQL's layout
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/python -m tests.sql.layout
	@$(BIN)/mypy
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/lint-imports --no-logo

.PHONY: format
format: setup ## correct what ruff and sqlfluff can correct
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/python -m tests.sql.layout --fix

.PHONY: docs
docs: setup ## generate the pages that are made from code (ARGS="cli files": only these)
	@home=$$(mktemp -d); trap 'rm -rf "$$home"' EXIT; AIRFLOW_HOME=$$home $(BIN)/python -m rostersync.pages $(ARGS)

.PHONY: bench
bench: setup ## times and peak memory of each step beside the floor (ARGS="--rows 55000 --write")
	@$(BIN)/python -m tests.benchmarks $(ARGS)

.PHONY: lock
lock: COMPILE = PATH="$$PATH:$(CURDIR)/.venv-tools/bin" uv pip compile pyproject.toml --universal \
	  --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	  --no-annotate --quiet
lock: ## resolve pyproject.toml into requirements.lock, and the image's part of it (needs uv)
	@command -v uv >/dev/null || [ -x .venv-tools/bin/uv ] || { \
	  echo "uv is needed to resolve: python3 -m venv .venv-tools && .venv-tools/bin/pip install uv" >&2; exit 1; }
	@$(COMPILE) --group dev -o requirements.lock $(ARGS)
	@$(COMPILE) --group build -c requirements.lock -o requirements-image.lock

.PHONY: audit
audit: ## known holes of the image's packages; needs pip-audit and a network (audit-waivers.txt)
	@audit=$$(command -v pip-audit || echo .venv-tools/bin/pip-audit); [ -x "$$audit" ] || { \
	  echo "pip-audit is needed: python3 -m venv .venv-tools && .venv-tools/bin/pip install pip-audit" >&2; exit 1; }; \
	waived=$$(awk -v today="$$(date +%F)" '/^#/ || !NF {next} \
	  $$2 >= today {print "--ignore-vuln", $$1; next} \
	  {print "The waiver of " $$1 " ended on " $$2 > "/dev/stderr"}' audit-waivers.txt); \
	"$$audit" --disable-pip --require-hashes -r requirements-image.lock $$waived

.PHONY: clean
clean: ## remove caches, builds and the embedded stack's state (not .venv)
	@rm -rf .local .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist
	@find . -path ./.venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
