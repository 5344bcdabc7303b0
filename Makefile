# Each target sets up what it needs by itself; a second run reuses it. `make help` lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# The interpreter for a new .venv, e.g. `make test PYTHON=python3.12`; empty: the first of 3.11 or newer.
PYTHON ?=
# How long `make fuzz` goes on, a last run aside.
FUZZ_MINUTES ?= 10
FUZZED := tests/test_submission_fuzz.py tests/sandbox/test_wire_fuzz.py
READY := .venv/.ready
# Runs alone: what takes a machine's processors and memory is no neighbour for other tests.
CORPUS := tests/hostile/test_corpus.py
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help setup sandbox demo test lint build hostile fuzz bench lock clean

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

setup: sandbox $(READY) ## only the set-up: bubblewrap, .venv and the packages

sandbox:
	@command -v bwrap >/dev/null 2>&1 || scripts/setup bubblewrap

$(READY): requirements.lock pyproject.toml scripts/setup
	@PYTHON='$(PYTHON)' scripts/setup

demo: setup ## build the notebooks, grade an example class both ways, say where to look
	autograder build
	python examples/demo.py

test: setup lint ## everything that has to hold: lint, notebooks up to date, tests
	autograder build --check
	pytest -rs --numprocesses logical --maxprocesses 4 --dist loadfile --ignore $(CORPUS)
	pytest -rs $(CORPUS)

lint: $(READY) ## ruff and mypy
	ruff check
	ruff format --check
	mypy

build: $(READY) ## the notebooks: assignments/ and solutions/ into source/ and release/
	autograder build

hostile: setup ## what hostile submissions try, and whether it was held
	python -m tests.hostile

fuzz: setup ## look for bytes that break a reader, for FUZZ_MINUTES=10
	@for file in $(FUZZED); do \
	  end=$$(($$(date +%s) + $(FUZZ_MINUTES) * 30)); \
	  while [ $$(date +%s) -lt $$end ]; do \
	    HYPOTHESIS_PROFILE=fuzz pytest -q $$file || exit 1; \
	  done; \
	done

bench: setup ## measure this machine: a class graded by nbgrader, otter, pytest and this judge; the bars
	python benchmarks/class.py

lock: $(READY) ## resolve requirements.lock anew
	python scripts/lock.py

clean: ## remove what was made, except .venv
	rm -rf demo results submitted autograded feedback build dist .nbgrader.log gradebook.db*
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -path ./.venv -prune -o -name __pycache__ -type d -exec rm -rf {} +
