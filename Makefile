# The console's commands: `make run` brings it up on a fresh machine, `make test` proves it.
.DEFAULT_GOAL := run
.PHONY: run test lint bench words browser lock clean help
SHELL := /bin/bash

VENV := .venv
PY := $(VENV)/bin/python
ARGS ?=
PIP := $(PY) -m pip install --disable-pip-version-check --no-input --require-hashes
PIP_FAILED := { echo "The packages could not be installed (see above): this needs a network, or a package mirror set in pip's configuration." >&2; exit 1; }

# The newest Python that can make a virtual environment, unless PYTHON= names one.
FIND_PYTHON = \
	found=; old=; \
	for try in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do \
		"$$try" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		"$$try" -c 'import venv, ensurepip' 2>/dev/null && { found=$$try; break; }; \
		old=$$try; \
	done; \
	if [ -z "$$found" ] && [ -n "$$old" ]; then \
		echo "$$old has no venv module: install it (Debian, Ubuntu: apt-get install python3-venv), then run make again." >&2; exit 1; \
	elif [ -z "$$found" ]; then \
		echo "The console needs Python 3.11 or newer: install it, or say where it is with  make PYTHON=/path/to/python3.12" >&2; exit 1; \
	fi

run: $(VENV)/.run words ## bring the console up; Ctrl-C stops it
	@exec $(PY) manage.py up $(ARGS)

test: $(VENV)/.dev words browser lint ## every check and every test
	$(PY) $(if $(ARGS),-m pytest $(ARGS),tests/run.py)

lint: $(VENV)/.dev ## style, types, and the import rule
	$(PY) -m ruff check .
	$(PY) -m mypy .
	$(PY) -c 'import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())'

bench: $(VENV)/.dev words ## measure
	$(PY) bench/run.py $(ARGS)

words: $(VENV)/.run ## compile the translations
	@$(PY) -m console.words compile

browser:
	@if command -v chromium >/dev/null && fc-list :lang=zh 2>/dev/null | grep -q .; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium and Chinese fonts for the browser tests ..."; \
		apt-get update && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y --no-install-recommends chromium fonts-noto-cjk fontconfig; \
	else \
		echo "!! No Chromium or no Chinese font here: the browser tests are LEFT OUT (install chromium and fonts-noto-cjk)."; \
	fi

lock: $(VENV)/.dev ## resolve both lock files again (on Python 3.11, whose needs are the widest)
	@for set in requirements requirements-dev; do \
		$(PY) -m piptools compile --quiet --strip-extras --generate-hashes --no-header --no-emit-index-url \
			--no-emit-trusted-host --no-emit-find-links --no-emit-options --allow-unsafe \
			--annotation-style=line --output-file $$set.txt $$set.in || exit 1; \
	done

clean: ## remove what make made; the data in .console stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find locale -name '*.mo' -delete

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

$(VENV)/.made:
	@if $(PY) -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then touch $@; exit 0; fi; \
	$(FIND_PYTHON); \
	echo "Making a virtual environment with $$found ..."; \
	rm -rf $(VENV); \
	"$$found" -m venv $(VENV) || { echo "The virtual environment could not be made (see above)." >&2; exit 1; }; \
	touch $@

$(VENV)/.run: requirements.txt | $(VENV)/.made
	@echo "Installing the console's packages (the first time takes about half a minute) ..."
	@$(PIP) -r requirements.txt || $(PIP_FAILED)
	@touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt | $(VENV)/.run
	@echo "Installing the packages for tests and checks ..."
	@$(PIP) -r requirements.txt -r requirements-dev.txt || $(PIP_FAILED)
	@touch $@
