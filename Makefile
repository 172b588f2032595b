# Every target does its own set-up in .venv (tools/setup.sh); `make help` lists them.
#   PYTHON=...  the interpreter to use, 3.11 or newer      EXTRAS=...  what else to install: all, torch, ...
#   ARGS=...    more words for the command, e.g. make test ARGS='-k logme'

PYTHON ?=
EXTRAS ?=
ARGS ?=
export PYTHON

BIN := .venv/bin
# Two test processes, a BLAS thread each: more of either makes the small matrices of the tests slower.
PYTEST := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest
PARALLEL ?= -n 2 --dist worksteal

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test check bench docs format setup clean distclean

help: ## this list
	@sed -n 's/^\([a-z]*\):[a-z ]* ## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

demo: ## a guided tour: rank the built-in networks on handwritten digits
	@tools/setup.sh $@ "onnx,$(EXTRAS)"
	@$(BIN)/audition demo $(ARGS)

# "all" is for users; with it the tests want the tools of "dev" too, which make ONNX networks to be read.
test: ## the tests; EXTRAS=all installs every framework, without it their tests are skipped
	@tools/setup.sh $@ "onnx,test,$(EXTRAS:all=all,dev)"
	@$(PYTEST) $(PARALLEL) $(ARGS)

check: ## lint, format, types, docstring examples, the shape of the package
	@tools/setup.sh $@ "dev,$(EXTRAS)"
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(PYTEST) -q tests/test_package.py src

bench: ## speed, memory and ranking quality, as ratios
	@tools/setup.sh $@ "dev,$(EXTRAS)"
	@$(BIN)/python -m benchmarks $(ARGS)

docs: ## the documentation as a site in build/site; a broken link or example fails
	@tools/setup.sh $@ "onnx,docs,test,hf,pandas,tune,$(EXTRAS)"
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet
	@echo "the site is build/site/index.html; its examples run now"
	@$(PYTEST) -q $(PARALLEL) tests/docs

format: ## lay the code out as make check wants it
	@tools/setup.sh $@ "dev,$(EXTRAS)"
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

setup: ## only the environment, with EXTRAS
	@tools/setup.sh $@ "$(EXTRAS)"

clean: ## remove what the other targets wrote, save .venv
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

distclean: clean ## clean, and remove .venv too
	rm -rf .venv
