PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo pictures test check golden words bench drill fuzz clean

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

pictures: demo ## what the demo's letter looks like, narrow and wide, light and dark, into demo/views/ and docs/pictures/
	@$(BIN)/python examples/views.py

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

# atheris has wheels for Linux only, so it is no part of what everybody installs.
FUZZ_SECONDS ?= 60
FUZZ := -max_total_time=$(FUZZ_SECONDS) -timeout=10 -max_len=6000 -verbosity=0 -print_final_stats=1 -artifact_prefix=.fuzz/
fuzz: $(READY) ## look for input that breaks the print-page reader or the HTML cleaner, FUZZ_SECONDS each
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[fuzz]'
	@mkdir -p .fuzz/print_text .fuzz/cleaner
	$(BIN)/python -m tests.fuzz.print_text $(FUZZ) -dict=tests/fuzz/print_text.dict .fuzz/print_text tests/fuzz/seeds/print_text
	$(BIN)/python -m tests.fuzz.cleaner $(FUZZ) -dict=tests/fuzz/cleaner.dict .fuzz/cleaner tests/fuzz/seeds/cleaner

words: $(READY) ## compile the catalogues in newsletter/locale, which hold the fixed words of letters and pages
	$(BIN)/pybabel compile -D newsletter -d newsletter/locale

# Hugo is the peer of the feeds only, so it is no part of what everybody installs.
bench: $(READY) ## measure letters, articles and feeds as ratios
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	$(BIN)/python -m benchmarks

drill: $(READY) ## kill -9 two senders 100 times over 20,000 letters, then sends through a real Postfix; the books must be true
	$(BIN)/python -m tests.crash.drill --kills 100 --readers 20000 --senders 2
	$(BIN)/python -m tests.crash.postfix_drill

clean: ## remove what the commands above made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .fuzz demo
