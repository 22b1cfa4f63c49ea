# Every target works on a fresh clone with python3 (3.11 or newer), pip and make.
PYTHON ?= python3
BIN := .venv/bin
.PHONY: demo test check fmt accept bench clean

demo: .venv/run
	@$(BIN)/rlm-tui demo

test: .venv/dev
	$(BIN)/pytest -q -n auto

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/deptry rlm_tui
	$(BIN)/pytest -q -n auto --hypothesis-profile=exploring --cov --cov-report=term:skip-covered

fmt: .venv/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

accept: .venv/dev
	$(BIN)/pytest -q tests/ui --snapshot-update

bench: .venv/dev
	$(BIN)/python -m tests.bench

clean:
	rm -rf .venv

# `--without-pip` needs no ensurepip, which some distributions leave out.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "rlm-tui needs Python 3.11 or newer; try: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv --without-pip .venv

.venv/run: .venv/bin/python pyproject.toml
	@echo "Setting up in .venv (once) ..." >&2
	@$(PYTHON) -m pip --python .venv/bin/python install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/dev: .venv/run
	@$(PYTHON) -m pip --python .venv/bin/python install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
