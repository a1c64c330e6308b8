# `make search` runs the quickstart study, `make test` every test this machine can run. Both set up all they need.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready


.PHONY: search test lint bench install sandbox clean

search: install
	$(BIN)/astraios-ray search quickstart $(ARGS)

test: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	OMP_NUM_THREADS=1 $(BIN)/pytest -q -n 3 --dist loadfile $(ARGS)

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install
	$(BIN)/python -m benchmarks.trial_start $(ARGS)

install: $(READY) sandbox

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "astraios-ray needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Say PYTHON=python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --no-compile --disable-pip-version-check -c constraints.txt torch==2.13.0
	$(BIN)/pip install --quiet --no-compile --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@# on every core, where pip uses one; some packages hold templates that are no Python
	$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib/python3*/site-packages astraios_ray || true
	@touch $@

# Generated programs run in bubblewrap with a seccomp filter; without them nothing is judged.
sandbox:
	@command -v bwrap >/dev/null && ldconfig -p | grep -q libseccomp.so.2 && exit 0; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo="sudo -n"; \
	{ command -v apt-get >/dev/null && $$sudo apt-get update -qq && \
	  $$sudo apt-get install -y -qq bubblewrap libseccomp2 >/dev/null; } || \
	{ echo "Please install bubblewrap and libseccomp2 (Debian: apt-get install bubblewrap libseccomp2)."; exit 5; }

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
