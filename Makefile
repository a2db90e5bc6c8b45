# Everything that people and CI run. `make demo` and `make test` prepare the machine themselves.

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
BIN := $(VENV)/bin
export VENV PYTHON

.DEFAULT_GOAL := help
.PHONY: help demo test fuzz chaos bench lint types imports tests format deb schemas boards clean

help: ## Show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: $(VENV)/.demo ## Show the whole platform with a simulated city; PORT=8000
	@$(BIN)/health-kiosk --log-level warning demo --port $(PORT)

test: lint types imports tests ## Lint, format, types, import rules and all tests, as CI does

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.dev
	@$(BIN)/mypy

imports: $(VENV)/.dev
	@$(BIN)/lint-imports

# Most tests wait for other processes: four at a time keep two cores busy. A file is not split.
WORKERS ?= 4

# On a busy machine a test of processes and sockets may run out of time: it gets a second chance,
# alone and aloud. What fails twice has failed.
tests: $(VENV)/.dev
	@$(BIN)/pytest --numprocesses $(WORKERS) --dist loadfile || { \
		echo "tests: once more, what has failed" >&2; \
		$(BIN)/pytest --last-failed --last-failed-no-failures none; }

fuzz: $(VENV)/.dev ## Try every property far more often: 100,000 frames for each decoder
	@HYPOTHESIS_PROFILE=fuzz $(BIN)/pytest tests/property --timeout 3600

chaos: $(VENV)/.dev ## Kill, starve and cut off a station and a whole audited platform; CHAOS_ROUNDS=50
	@$(BIN)/python -m tests.chaos

bench: $(VENV)/.dev ## Measure everything three times and write docs/figures.md: about two hours
	@$(BIN)/python -m benchmarks

format: $(VENV)/.dev ## Format the code and mend what ruff can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

deb: $(VENV)/.dev ## Build the Debian package of a station's agent into dist/
	@PYTHON=$(BIN)/python deploy/deb/build.sh dist

schemas: $(VENV)/.dev ## Write docs/schemas and docs/asyncapi.json from the models
	@$(BIN)/python -m contract.schemas
	@$(BIN)/python -m contract.asyncapi

boards: $(VENV)/.dev ## Write Grafana's boards and alerts from their code
	@$(BIN)/python -m dashboard.grafana.render
	@$(BIN)/python -m dashboard.grafana.alerts

clean: ## Delete the virtual environment and every cache
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info

$(VENV)/.dev: pyproject.toml constraints.txt deploy/setup.sh
	@deploy/setup.sh dev

# What development needs includes what the demo needs.
$(VENV)/.demo: pyproject.toml constraints.txt deploy/setup.sh
	@if [ $(VENV)/.dev -nt pyproject.toml ] && [ $(VENV)/.dev -nt constraints.txt ]; \
	then touch $@; else deploy/setup.sh demo; fi
