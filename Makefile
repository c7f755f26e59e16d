PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test check golden bench clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

# Some distributions ship Python without ensurepip: then the host's pip fills the environment.
$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || $(PYTHON) -m venv --without-pip $(VENV)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m pip --python $(BIN)/python install --quiet pip
	@echo "installing into $(VENV) (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(READY) ## sample articles -> feeds/, one digest through a real local SMTP server, pages to look at
	@$(BIN)/python examples/demo.py

test: $(READY) ## everything, on SQLite and PostgreSQL; no service and no root needed
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: $(READY) ## format, lint, types, import contracts, sizes
	$(BIN)/ruff format --check newsletter tests
	$(BIN)/ruff check newsletter tests
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports --no-cache
	$(BIN)/python -m tests.sizes newsletter

golden: $(READY) ## write the golden files anew, to be read in review
	NEWSLETTER_GOLDEN=write $(BIN)/python -m pytest -q -p no:randomly tests/golden

bench: $(READY) ## measure letters, feeds and sending as ratios
	$(BIN)/python -m benchmarks

clean: ## remove what the commands above made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis demo
