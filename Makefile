# make run           open FlorApp; without a display, name the sample pictures in the terminal
# make test          every check: style, types, import rules, tests
# make lint          the checks without the tests
# make package       the installers for this system, in dist/ (packaging/README.md)
# make test-package  install the .deb on a bare Debian, use it, remove it (as root or by sudo)
# make benchmark     how fast FlorApp is beside other libraries [PHOTOS=FOLDER]
# make lock          pin the libraries anew (needs uv)
# make clean         remove everything that make made
#
# The first call sets up .venv; later ones start at once. A stamp file says what
# .venv was set up for, and is out of date only when what it depends on changes.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := run
.PHONY: run test lint package test-package benchmark lock clean

BIN := .venv/bin
REQ := packaging/requirements
SETUP := pyproject.toml packaging/bootstrap.sh packaging/linux/apt-packages.txt

# Where the checkout was moved or copied, or the system's Python has gone, what .venv names is not
# there any more.
$(shell [ ! -e .venv/.place ] || { [ "$$(cat .venv/.place)" = "$$(pwd -P)" ] && [ -x .venv/bin/python ]; } || rm -f .venv/.*.stamp)

# A Qt that was told to draw off the screen shows nobody a window, hence QT_QPA_PLATFORM.
run: .venv/.run.stamp
	@why=$$(QT_QPA_PLATFORM= $(BIN)/python -c 'from florapp.__main__ import no_display; print(no_display())'); \
	if [ -z "$$why" ]; then exec $(BIN)/florapp; fi; \
	echo "No display was found ($$why): classifying the sample pictures in the terminal."; \
	exec $(BIN)/florapp classify assets/samples

test: lint
	$(BIN)/pytest

lint: .venv/.dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

.venv/.run.stamp: $(REQ)/run.txt $(SETUP)
	@sh packaging/bootstrap.sh run
	@touch $@

# dev.txt holds all of run.txt, at the same versions.
.venv/.dev.stamp: $(REQ)/dev.txt $(REQ)/run.txt $(SETUP)
	@sh packaging/bootstrap.sh dev
	@touch $@ .venv/.run.stamp

package: build/.package.stamp
	build/venv/bin/python packaging/package.py

build/.package.stamp: $(REQ)/package.txt $(SETUP)
	@mkdir -p build
	@sh packaging/bootstrap.sh package
	@touch $@

# Mounts are seen by this process and its children alone, and end with them.
test-package: .venv/.dev.stamp package
	$(shell [ "$$(id -u)" = 0 ] || echo sudo -n) unshare --mount --propagation private \
		$(BIN)/pytest packaging/test_installed.py

# With libraries that are not pinned: gigabytes of them, which nothing else needs.
benchmark: build/benchmark/.stamp
	build/benchmark/bin/python benchmarks/performance.py $(if $(PHOTOS),--photos "$(PHOTOS)")

build/benchmark/.stamp: .venv/.run.stamp pyproject.toml
	.venv/bin/python -m venv build/benchmark
	build/benchmark/bin/python -m pip install --quiet --editable ".[benchmark]"
	@touch $@

# Keeps the versions already pinned; `make lock UPGRADE=--upgrade` takes the newest.
UV ?= uv
LOCK = $(UV) --no-config pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --custom-compile-command "make lock" $(UPGRADE)
lock:
	$(LOCK) --extra editable -o $(REQ)/run.txt
	$(LOCK) --extra editable --extra training --extra test -c $(REQ)/run.txt -o $(REQ)/dev.txt
	$(LOCK) --extra editable --extra package -c $(REQ)/run.txt -o $(REQ)/package.txt

clean:
	rm -rf .venv build dist .cache .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
