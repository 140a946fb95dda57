# The commands of the checkout. `make` alone lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:
.PHONY: help deps run test sanitize fuzz chaos check-api bench lint format images clean clean-data

help: ## list these commands
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{ printf "%-20s%s\n", $$1, $$2 }'

deps: ## install what is missing on this machine (libpq, libcurl, PostgreSQL; promtool for the tests)
	@scripts/install-dependencies.sh test

run: ## build and start everything, with a PostgreSQL of its own; Ctrl-C stops it
	@scripts/run.sh

test: ## build and run every test, against a real PostgreSQL
	@scripts/test.sh

sanitize: ## the tests under ThreadSanitizer
	@scripts/sanitize.sh

fuzz: ## damaged documents for what reads the API server's answers; DOCUMENTS=1000000 SEED=...
	@scripts/fuzz.sh

chaos: ## everything is killed, frozen and cut off at random; nothing may be lost or doubled
	@scripts/chaos.sh

check-api: ## the HTTP API against its own description, with schemathesis; SEED=1 EXAMPLES=30
	@scripts/check-api.sh

bench: ## the benchmarks, each beside its reference
	@scripts/bench.sh

lint: ## check format and habits; what CI checks
	@scripts/lint.sh

format: ## format all Swift files
	@git ls-files -co --exclude-standard -z '*.swift' | xargs -0 swift format -i

images: ## build the container images (not there yet)
	@echo "error: there are no container images yet." >&2; exit 1

clean: ## remove what was built; the data of make run stays
	@rm -rf .build .build-* Benchmarks/.build
	@if [[ -d .kee ]]; then echo "The data of make run stays; make clean-data removes it."; fi

clean-data: ## remove the data, logs and tools below .kee, and its PostgreSQL
	@scripts/clean-data.sh
