# make lab | test | demo | course | lint: each sets up .venv first, and that is quick the second time.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LAB_ARGS ?=
TEST_ARGS ?=

.PHONY: help setup lab test demo course lint clean
.DEFAULT_GOAL := help

help:
	@echo "make lab      open the course in JupyterLab (LAB_ARGS=... passes options)"
	@echo "make test     run every test (TEST_ARGS=... passes options to pytest)"
	@echo "make demo     play a whole class, from release to marks"
	@echo "make course   build course/ from solutions/"
	@echo "make lint     style and types"
	@echo "make clean    remove .venv and caches"

setup: $(READY)

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "This course needs Python 3.11 or newer as '$(PYTHON)'; name another with: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "Python's venv module is missing; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what requirements.txt lists; the first time takes a minute or two."
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

lab: $(READY)
	$(BIN)/jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/course $(LAB_ARGS)

test: $(READY)
	$(BIN)/pytest -n auto $(TEST_ARGS)

demo: $(READY)
	$(BIN)/autograde demo

course: $(READY)
	$(BIN)/autograde build

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
