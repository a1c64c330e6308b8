# `make search` runs the quickstart study, `make test` every test this machine can run. Both set up all they need.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PACKAGE := $(VENV)/.ready
TOOLS := $(VENV)/.ready-to-test
# Measured on two cores of an AMD EPYC (Zen 4), on a fast network, with torch for CPUs.
PACKAGE_SIZE := what they need into $(VENV): about 2.3 GB and 2 minutes, more with CUDA
TOOLS_SIZE := what they, the tests and the documentation need into $(VENV): about 2.6 GB and 3 minutes, more with CUDA

.PHONY: search scaling astraios-tiny test test-all test-faults models lint docs bench bench-gpu install sandbox languages clean

search: $(PACKAGE) sandbox
	$(BIN)/astraios-ray search quickstart $(ARGS)

# The same study on embedded models of several sizes, each begun with the best of the one before, then side by
# side. SIZES="xs s m l" takes the largest too, whose own pre-training, once a machine, is the longest part.
SIZES ?= xs s m
scaling: $(PACKAGE) sandbox
	@before=; for size in $(SIZES); do \
	  enqueue='[]'; [ -z "$$before" ] || enqueue=$$($(BIN)/astraios-ray best $$before --enqueue) || exit; \
	  before=scaling-nano-$$size; \
	  $(BIN)/astraios-ray search scaling_nano --set name=$$before --set model.id=builtin:nano-$$size \
	    --set enqueue="$$enqueue" $(ARGS) || exit; \
	done
	$(BIN)/astraios-ray compare $(SIZES:%=scaling-nano-%) --html runs/scaling.html

# Study astraios from training to the page, on embedded models and rows, then beside the paper's own models.
astraios-tiny: $(PACKAGE) sandbox
	@for size in $(SIZES); do \
	  $(BIN)/astraios-ray search astraios-tiny --set name=astraios-nano-$$size \
	    --set model.id=builtin:nano-$$size $(ARGS) || exit; \
	done
	$(BIN)/astraios-ray compare $(SIZES:%=astraios-nano-%) --with astraios --html runs/astraios.html

test: install languages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	OMP_NUM_THREADS=1 $(BIN)/pytest -q -n 3 --dist loadfile $(ARGS)

# Whole where `make test` takes a part: every official generation is scored again. Needs the real data, and an hour.
test-all:
	ASTRAIOS_RAY_ALL_TESTS=1 $(MAKE) test

# Every fault of docs/faults.md, where `make test` makes a part of them. 20 minutes.
test-faults: install
	ASTRAIOS_RAY_FAULT_TESTS=1 OMP_NUM_THREADS=1 $(BIN)/pytest -q -n 2 --dist worksteal tests/faults $(ARGS)

# The table of docs/models.md anew: every architecture, or those of ARCHITECTURES="Llama Bloom". Minutes.
models: install
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.contracts.models_page $(ARCHITECTURES)

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The documentation as a site; a warning is an error.
docs: $(TOOLS)
	$(BIN)/sphinx-build -q -W --keep-going -c docs . build/docs
	@echo "The site is in build/docs/index.html."

bench: install
	$(BIN)/python -m benchmarks.trial_start $(ARGS)
	$(BIN)/python -m benchmarks.sandbox
	$(BIN)/python -m benchmarks.languages
	$(BIN)/python -m benchmarks.packed_training --rounds 2
	$(BIN)/python -m benchmarks.generation --rounds 1
	$(BIN)/python -m benchmarks.losses
	$(BIN)/python -m benchmarks.padding --rounds 1
	$(BIN)/python -m benchmarks.trial_memory
	$(BIN)/python -m benchmarks.lane_base_memory
	$(BIN)/python -m benchmarks.growth
	$(BIN)/python -m benchmarks.halving
	$(BIN)/python -m benchmarks.method_regret
	$(BIN)/python -m benchmarks.whole_search
	$(BIN)/python -m benchmarks.table

# One GPU, a model of StarCoder-1B's shape with random weights; nothing is downloaded.
bench-gpu: install
	$(BIN)/python -m benchmarks.on_gpu $(ARGS)
	$(BIN)/python -m benchmarks.table

install: $(TOOLS) sandbox

# What a step of the installing prints: a line before it, and then how long it took, or all output where it failed.
timed = ( log=$$(mktemp); trap 'rm -f "$$log"' EXIT; began=$$(date +%s); \
  { $(1); } >"$$log" 2>&1 || { cat "$$log"; exit 1; }; echo "Installed in $$(($$(date +%s) - began)) s." )

# A search needs the package alone, the tests need their tools and the documentation's too.
$(PACKAGE): EXTRAS :=
$(PACKAGE): SIZE := $(PACKAGE_SIZE)
$(TOOLS): EXTRAS := [dev,docs]
$(TOOLS): SIZE := $(TOOLS_SIZE)

$(PACKAGE) $(TOOLS): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "astraios-ray needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Say PYTHON=python3.11"; exit 2; }
	@echo "Installing torch, Ray, transformers, peft, MLflow and $(SIZE)."
	@$(call timed,$(INSTALL))
	@touch $(PACKAGE) $@

PIP := $(BIN)/pip install --no-compile --disable-pip-version-check -c constraints.txt
# compileall takes every core, where pip takes one; some packages hold templates that are no Python
INSTALL = $(PYTHON) -m venv $(VENV) && $(PIP) torch==2.13.0 && $(PIP) -e '.$(EXTRAS)' && \
  { $(BIN)/python -m compileall -qq -j 0 $(VENV)/lib/python3*/site-packages astraios_ray || true; }

# Generated programs run in bubblewrap with a seccomp filter; without them nothing is judged. Not ldconfig: it is in
# /usr/sbin, where an ordinary user of Debian looks for no program.
sandbox:
	@command -v bwrap >/dev/null && \
	  $(PYTHON) -c 'import ctypes; ctypes.CDLL("libseccomp.so.2")' 2>/dev/null && exit 0; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo="sudo -n"; \
	{ command -v apt-get >/dev/null && \
	  echo "Installing bubblewrap and libseccomp2 for the sandbox: under 1 MB, a few seconds." && \
	  $(call timed,$$sudo apt-get update -qq && $$sudo apt-get install -y -qq bubblewrap libseccomp2); } || \
	{ echo "Please install bubblewrap and libseccomp2 (Debian: apt-get install bubblewrap libseccomp2)."; exit 5; }

# Languages beside Python need their compilers; without one its programs are not judged, and doctor says so.
# `make languages LANGUAGES="js go cpp rust"` gets those of HumanEvalPack, `make test` needs none of these.
LANGUAGES ?= c java
PACKAGES_c := gcc libc6-dev
PACKAGES_java := openjdk-17-jdk-headless
PACKAGES_js := nodejs
PACKAGES_go := golang-go golang-github-stretchr-testify-dev
PACKAGES_cpp := g++ libboost-dev libssl-dev
PACKAGES_rust := rustc cargo librust-regex-dev librust-rand-dev librust-md5-dev gcc libc6-dev
HAS_c := command -v gcc
HAS_java := command -v jlink
HAS_js := command -v node
HAS_go := command -v go && ls /usr/share/gocode/src/github.com/stretchr/testify
HAS_cpp := command -v g++ && ls /usr/include/boost/any.hpp /usr/include/openssl/md5.h
HAS_rust := command -v rustc && ls -d /usr/share/cargo/registry/regex-[0-9]* /usr/share/cargo/registry/md5-[0-9]*

languages: $(LANGUAGES:%=language-%)

language-%:
	@[ -n "$(PACKAGES_$*)" ] || { echo "LANGUAGES: no language $*; there are c java js go cpp rust."; exit 2; }; \
	{ $(or $(HAS_$*),false); } >/dev/null 2>&1 && exit 0; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo="sudo -n"; \
	{ command -v apt-get >/dev/null && \
	  echo "Installing $(PACKAGES_$*), to judge programs in $*: up to 0.5 GB, half a minute." && \
	  $(call timed,$$sudo apt-get install -y -qq $(PACKAGES_$*)); } || \
	echo "Programs in $* are not judged here: apt-get install $(PACKAGES_$*)"

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
