# Every target makes .venv by itself, from the lock; see tools/bootstrap.py.
ifndef PYTHON
PYTHON := $(shell for name in python3 python3.13 python3.12 python3.11 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; \
	done)
endif
IN_VENV = $(or $(PYTHON),$(error The book needs Python 3.11 or newer, and there is none here: \
	install one, then run the same command again)) tools/bootstrap.py

.PHONY: lab test bench execute lock

lab:  ## Open the book in JupyterLab (ARGS="--no-browser" and other options are passed on)
	@$(IN_VENV) lab $(ARGS)

test:  ## Prove every page: style, types, notebooks, tests
	@$(IN_VENV) run ruff check
	@$(IN_VENV) run ruff format --check
	@$(IN_VENV) run mypy
	@$(IN_VENV) run pytest $(ARGS)

bench:  ## Measure
	@$(IN_VENV) run python -m benchmarks $(ARGS)

execute:  ## Run all notebooks and store their outputs
	@$(IN_VENV) run python -m tools.execute $(ARGS)

lock:  ## Renew requirements.txt from the ranges in pyproject.toml
	@$(IN_VENV) run python -m tools.lock
