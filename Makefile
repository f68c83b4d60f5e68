# make build     everything a fresh machine needs, then the main job on the built-in data set
# make test      everything the tests need, then formatting, lint, types, import direction and tests
# make test-mcu  Debian's cross compilers, QEMU and strace, then the tests that need them
# make assembly  every number of channels to the assembler; make test-mcu takes some of them
# make canaries  every hostile file under a tracer; make test-mcu takes some of them
# make fuzz      10,000 mutants of every kind of file; make test-mcu takes 500
# make fuzz-mcu  500 random networks on each emulated core, for speed and for size (an hour; CORES names some)
# make endurance what is too long for make test: a small real build killed 20 times and interrupted 20 times, five equal
#                builds, every fault of the disk in every way
# make zoo       int8 files of others and our own: bytes here and on Cortex-M4, warnings, memory; a line each in build/zoo.txt
#                (needs the folder of real data)
# make audit     what is known to be wrong with the packages that are installed (asks the package index)
# make architectures
#                networks of some thirty kinds through everything, and docs/architectures.md (a quarter of an hour)
# make examples  every script of examples/, in full (half an hour); what each prints stands in build/examples/NAME.txt
# make docs      the documentation as a site, in site/
# make smoke     a few tests that touch every library, and a build of one epoch
#
# Takes the newest of Python 3.13, 3.12 and 3.11 that starts; PYTHON names another: make build PYTHON=/path/to/python3.12
# CONFIG and SET hand on to the build: make build CONFIG=my.yaml SET="train.epochs=30"

PYTHONS := python3.13 python3.12 python3.11
# A name on the path that does not run, such as a version manager's shim with nothing behind it, counts as absent.
PYTHON ?= $(shell for name in $(PYTHONS); do if $$name -c '' 2>/dev/null; then echo $$name; break; fi; done)
VENV := .venv
BIN := $(VENV)/bin
CONFIG ?= terrain_48x64
SET ?=
# Two processes, each with whole files of tests: they share fixtures, and TensorFlow is imported twice only. Files stay in
# their order, in which integration tests come early: reordered by number of tests, the longest would be left for the end,
# with one process waiting for the other.
PYTEST_FLAGS ?= -n 2 --dist loadfile --no-loadscope-reorder
# The files with tests of a mark: to collect all of them takes each process a quarter of a minute.
marked = $(shell grep -rl --include='test_*.py' 'mark\.$(1)\b' tests)
# All stages of the network with the fewest layers, in less than a minute; the gates on accuracy are open, because one
# epoch brings none.
SMOKE_BUILD := nano_u_48x64 train.epochs=1 prune.fine_tune.epochs=1 quantize.fit.epochs=1 quantize.max_drop=1 gates.trivial=false \
	data.terrain.train_images=16 data.terrain.val_images=8 data.terrain.test_images=8 \
	verify.inputs=20 verify.slow_inputs=2 verify.cores=[] benchmark.runs=6 benchmark.warmup=1
MCU_PACKAGES := gcc g++ clang libc6-dev cmake gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm gcc-riscv64-unknown-elf \
	picolibc-riscv64-unknown-elf qemu-system-misc gcc-xtensa-lx106 picolibc-xtensa-lx106-elf strace
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.DEFAULT_GOAL := help
.PHONY: help build test zoo test-mcu assembly canaries fuzz fuzz-mcu endurance architectures examples docs smoke audit mcu-tools lint clean

help:
	@sed -n 's/^# \{0,1\}//p;/^$$/q' Makefile

build: $(VENV)/.installed
	$(BIN)/edge-nas build $(CONFIG) $(SET)

test: lint
	$(BIN)/pytest $(PYTEST_FLAGS)

test-mcu: mcu-tools $(VENV)/.installed-dev
	$(BIN)/pytest -m mcu $(PYTEST_FLAGS) $(call marked,mcu)

canaries: mcu-tools $(VENV)/.installed-dev
	EDGE_NAS_CANARIES=all $(BIN)/pytest -m mcu tests/integration/test_canaries.py

assembly: mcu-tools $(VENV)/.installed-dev
	EDGE_NAS_ASSEMBLY=all $(BIN)/pytest -m mcu $(PYTEST_FLAGS) tests/integration/test_assembly.py

fuzz: mcu-tools $(VENV)/.installed-dev
	EDGE_NAS_FUZZ=10000 $(BIN)/pytest -m mcu -s tests/integration/test_fuzz.py

fuzz-mcu: mcu-tools $(VENV)/.installed-dev
	EDGE_NAS_NETWORKS=500 $(if $(CORES),EDGE_NAS_CORES="$(CORES)") $(BIN)/pytest -m mcu $(PYTEST_FLAGS) \
		tests/integration/test_codegen_many_networks.py

endurance: $(VENV)/.installed-dev
	$(BIN)/pytest -m endurance -s $(call marked,endurance)
	EDGE_NAS_INTERRUPTS=20 $(BIN)/pytest -s tests/integration/test_interrupts.py

zoo: mcu-tools $(VENV)/.installed-dev
	mkdir -p build && rm -f build/zoo.txt
	EDGE_NAS_OUTCOMES=$(CURDIR)/build/zoo.txt $(BIN)/pytest tests/integration/test_zoo.py
	cat build/zoo.txt

examples: $(VENV)/.installed
	mkdir -p build/examples
	for script in examples/*.py; do \
		printed="$$(basename $$script .py).txt" status=; \
		(cd build/examples && "$(CURDIR)/$(BIN)/python" "$(CURDIR)/$$script" > $$printed) || status=$$?; \
		cat build/examples/$$printed; [ -z "$$status" ] || exit $$status; \
	done

docs: $(VENV)/.installed-dev
	$(BIN)/python -m mkdocs build --strict

architectures: $(VENV)/.installed-dev
	EDGE_NAS_ARCHITECTURES=write $(BIN)/pytest -m architectures -s tests/integration/test_architectures.py

smoke: $(VENV)/.installed-dev
	$(BIN)/pytest -m smoke $(call marked,smoke)
	$(BIN)/edge-nas build $(SMOKE_BUILD) --run $(VENV)/smoke --fresh --quiet

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

# Names each package that could not be looked up, and fails where one is known to be unsafe.
audit: $(VENV)/.installed-dev
	$(BIN)/pip-audit --disable-pip --require-hashes -r requirements-dev.lock

INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check

# An environment that starts is used on. It is made anew where the caller names a Python of another version.
MADE_WITH := $(shell $(BIN)/python -V 2>/dev/null)
ifneq ($(origin PYTHON),file)
ifneq ($(shell $(PYTHON) -V 2>/dev/null),$(MADE_WITH))
MADE_WITH :=
endif
endif
ifeq ($(MADE_WITH),)
.PHONY: $(VENV)/.installed
endif

# The stamps are newer than what they were made from, so a second make installs nothing.
$(VENV)/.installed: pyproject.toml requirements.lock
ifeq ($(MADE_WITH),)
	@[ -n "$(PYTHON)" ] || { echo "none of $(PYTHONS) starts here; name one: make build PYTHON=/path/to/python3.13" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13) and "Python 3.11, 3.12 or 3.13 is needed, " + sys.executable + " is " + sys.version.split()[0] + "; name one: make build PYTHON=/path/to/python3.13")'
	$(PYTHON) -m venv --clear $(VENV)
endif
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache dist
