# make build   everything a fresh machine needs, then the main job on the built-in data set
# make test    everything the tests need, then formatting, lint, types, import direction and tests
#
# Needs Python 3.11 and make. CONFIG and SET hand on to the build: make build CONFIG=my.yaml SET="train.epochs=30"

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
CONFIG ?= nano_u_48x64
SET ?=
# For idle cores and a long suite: make test PYTEST_FLAGS="-n 2 --dist loadfile"; every process imports TensorFlow anew.
PYTEST_FLAGS ?=

.DEFAULT_GOAL := help
.PHONY: help build test lint clean

help:
	@sed -n 's/^# \{0,1\}//p;/^$$/q' Makefile

build: $(VENV)/.installed
	$(BIN)/edge-nas build $(CONFIG) $(SET)

test: lint
	$(BIN)/pytest $(PYTEST_FLAGS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The stamps are newer than what they were made from, so a second make installs nothing.
$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Python 3.11 is needed, " + sys.executable + " is " + sys.version.split()[0] + "; name one: make build PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache dist
