# make run    the sample publication at http://localhost:8000 (or PORT)
# make test   everything that CI runs
# make quick  its fast part: unit and contract tests
# make bench  the figures of docs/benchmarks.md
# make bench-feeds  those of feeds: cold builds, an edit, nginx beside it (four minutes)
# make bench-sending  those of sending in full: a million readers, every engine (half an hour)
# make bench-desk  how long the desk's pages take, on both databases (two minutes)
# make bench-importing  a million readers brought in, on both databases (five minutes)
# make explore the tests of properties, with other examples each time
# make faults a thousand kills during sends, which writes the table of docs/guarantees.md, and a
#             fault at every write, and every payload on every page; takes more than an hour
# make words  the sentences that people read into templates/words/*.po: new ones empty, old ones gone
#             (python -m tests.proof.desk_pictures takes the pictures of docs/desk.md anew)
# make lock   requirements*.lock anew, after a change of pyproject.toml (needs uv)

PYTHON ?= python3
BIN := .venv/bin
MAKEFLAGS += --no-print-directory
# Two processes, a file of tests to each: what needs a server starts it once in each.
# The slow part keeps its order, or files with few tests, the longest, would come last.
TWO := -p xdist -n 2 --dist loadfile
# Thousands of small tests cost less apart than handed out one by one: nobody reports to anybody,
# and only one of the two needs a PostgreSQL.
APART := -j2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

.PHONY: run test quick unit contract bench bench-feeds bench-sending bench-desk bench-importing faults explore words lock check-python

run: .venv/installed
	@sh scripts/first-start
	@exec $(BIN)/kawaraban up

test: .venv/installed-for-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	@$(MAKE) $(APART) unit contract
	$(BIN)/python -m pytest tests/faults tests/journeys tests/feeds tests/browser tests/migration \
	  --hypothesis-profile=thorough $(TWO) --no-loadscope-reorder

quick: .venv/installed-for-tests
	@$(MAKE) $(APART) unit contract

unit contract:
	$(BIN)/python -m pytest -q tests/$@

bench: .venv/installed-for-tests
	$(BIN)/python -m tests.bench.run

bench-feeds: .venv/installed-for-tests
	$(BIN)/python -m tests.bench.feeding.run

bench-sending: .venv/installed-for-tests
	$(BIN)/python -m tests.bench.sending.run

bench-desk: .venv/installed-for-tests
	$(BIN)/python -m tests.bench.desk.run

bench-importing: .venv/installed-for-tests
	$(BIN)/python -m tests.bench.importing

faults: .venv/installed-for-tests
	$(BIN)/python -m pytest -q -s tests/proof/long_form.py
	KAWARABAN_NOTHING_RUNS=whole $(BIN)/python -m pytest -q tests/browser/test_nothing_runs.py
	KAWARABAN_FAULTS=whole $(BIN)/python -m pytest -q tests/faults/test_between_steps.py \
	  tests/faults/test_database_away.py tests/faults/test_choices_model.py \
	  tests/faults/test_ledger_model.py

explore: .venv/installed-for-tests
	$(BIN)/python -m pytest -m hypothesis tests --hypothesis-profile=exploring $(TWO)

words: .venv/installed-for-tests
	$(BIN)/python -m tests.proof.sentences

lock:
	uv pip compile pyproject.toml --group build --universal --generate-hashes \
	  --no-header --quiet -o requirements.lock
	uv pip compile pyproject.toml --group build --group test --universal --generate-hashes \
	  --no-header --quiet -c requirements.lock -o requirements-test.lock

.venv/bin/python: | check-python
	@$(PYTHON) -m venv .venv || { \
	  echo "This Python has no venv module; on Debian and Ubuntu: apt-get install python3-venv" >&2; \
	  exit 1; }

.venv/installed: requirements.lock pyproject.toml .venv/bin/python
	@echo "Installing what Kawaraban needs into .venv (the first time takes a minute) ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/installed-for-tests: requirements-test.lock .venv/installed
	@echo "Installing what the tests need into .venv ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@

check-python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "Kawaraban needs Python 3.11 or newer, and there is no $(PYTHON) here." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Kawaraban needs Python 3.11 or newer; $(PYTHON) is `$(PYTHON) -V 2>&1`." >&2; \
	  echo "With another one installed: make run PYTHON=python3.12" >&2; exit 1; }
