# What one does here. Every target says what it is doing, may be run again, and fails with the reason
# and the remedy. The work is in tools/, one script for each target.

PORT ?= 8080
DATA ?= demo-data
export PORT DATA

.PHONY: help demo test check bench relevance clean-tests

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' Makefile | expand -t 20

demo: ## Build Afterword and open it with a demo organisation on http://127.0.0.1:8080 (PORT=…, DATA=…)
	@tools/demo

test: ## Install what the tests need and run them all: both databases, importers, pages in a real browser
	@tools/test

check: ## Formatting, lints as errors, licences and sources of all dependencies
	@tools/check

bench: ## Measure and print one table of figures against their goals (QUICK=1 in five minutes)
	@tools/bench

relevance: ## Print how well search orders its answers, beside the databases' own full-text search
	@AFTERWORD_TEST_POSTGRES="$$(tools/test-postgres)" cargo test --locked --no-default-features -p afterword --lib search::relevance -- --nocapture

clean-tests: ## Stop the tests' PostgreSQL and remove what the tests left
	@tools/test-postgres --stop
	@rm -rf e2e/shots e2e/node_modules
