# Everything runs from a virtual environment in .venv, made on first use from constraints.txt.
PYTHON ?= python3
BIN := .venv/bin
SIZE ?= 1m

.PHONY: demo test check bench clean

.venv/.made: pyproject.toml constraints.txt
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

demo: .venv/.made
	$(BIN)/triptych demo

test: .venv/.made
	$(BIN)/python -m pytest -n 2

check: .venv/.made
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests/test_floors.py

bench: .venv/.made
	$(BIN)/python -m benchmarks --size $(SIZE)

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
