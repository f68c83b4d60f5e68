# make build     everything a fresh machine needs, then the main job on the built-in data set
# make test      everything the tests need, then formatting, lint, types, import direction and tests
# make test-mcu  Debian's cross compilers and QEMU, then the tests that run generated code on emulated cores
#
# Needs Python 3.11 and make. CONFIG and SET hand on to the build: make build CONFIG=my.yaml SET="train.epochs=30"

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
CONFIG ?= nano_u_48x64
SET ?=
# Two processes, each with whole files of tests: they share fixtures, and TensorFlow is imported twice only.
PYTEST_FLAGS ?= -n 2 --dist loadfile
MCU_PACKAGES := gcc libc6-dev cmake gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm gcc-riscv64-unknown-elf \
	picolibc-riscv64-unknown-elf qemu-system-misc
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.DEFAULT_GOAL := help
.PHONY: help build test test-mcu mcu-tools lint clean

help:
	@sed -n 's/^# \{0,1\}//p;/^$$/q' Makefile

build: $(VENV)/.installed
	$(BIN)/edge-nas build $(CONFIG) $(SET)

test: lint
	$(BIN)/pytest $(PYTEST_FLAGS)

test-mcu: mcu-tools $(VENV)/.installed-dev
	$(BIN)/pytest -m mcu $(PYTEST_FLAGS)

# Asks for root only where something is missing.
mcu-tools:
	@missing=$$(for package in $(MCU_PACKAGES); do \
		dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q '^install ok installed$$' || echo $$package; \
	done); \
	[ -z "$$missing" ] || { $(SUDO) apt-get update && $(SUDO) apt-get install --yes --no-install-recommends $$missing; }

lint: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The stamps are newer than what they were made from, so a second make installs nothing.
$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Python 3.11 is needed, " + sys.executable + " is " + sys.version.split()[0] + "; name one: make build PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[tflm]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,tflm,vela]'
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache dist
