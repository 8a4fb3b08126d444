# `make` alone lists the targets. It needs only make and Python: uv is used if present, otherwise installed into .uv/.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
unexport VIRTUAL_ENV
unexport PYTHONDONTWRITEBYTECODE
export UV_PROJECT_ENVIRONMENT := $(CURDIR)/.venv

python := .venv/bin/python
code := api broker core darkroom imaging rendering storage worker migrations tests tools examples benchmarks

# The first uv that runs is used: a pyenv shim without its Python is on the PATH but does not run.
find_uv = for uv in uv "$$HOME/.local/bin/uv" .uv/bin/uv .uv/target/bin/uv; do \
	"$$uv" --version >/dev/null 2>&1 && break; uv=; done

# A virtual environment where pip is externally managed, --target where Debian ships Python without ensurepip.
bring_uv = echo "Installing uv into .uv/ …"; \
	{ python3 -m venv --clear .uv && .uv/bin/python -m pip install --quiet uv; } >/dev/null 2>&1 || \
	{ rm -rf .uv; python3 -m pip install --quiet --target .uv/target uv >/dev/null 2>&1; } || \
	{ rm -rf .uv; echo "make needs uv: install it (https://docs.astral.sh/uv), or python3 with pip." >&2; exit 1; }

.PHONY: help setup run demo dist test coverage faults check fix migrate user adopt backup restore import-objects migration record-statements clean

help: ## List the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r target does; do \
		printf '%-22s %s\n' "$$target" "$$does"; done

setup: .venv/.ready ## Install everything into .venv/

# uv has its own certificates; behind a proxy with its own authority, only those of the system work.
synced = $(find_uv); [ -n "$$uv" ] || { $(bring_uv); }; $(find_uv); "$$uv" sync --frozen --no-install-project --extra server $1 || { \
	echo "Retrying with the certificates of the system …"; \
	UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1 "$$uv" sync --frozen --no-install-project --extra server $1 || { \
	echo "Installation failed. It needs Python 3.12 (on the PATH, or fetched by uv from GitHub) and access to PyPI." >&2; \
	exit 1; }; }

.venv/.ready: pyproject.toml uv.lock .python-version
	@$(call synced,--extra keyring --extra mcp --extra tracing)
	@touch $@ .venv/.serves

# Only what serving and the client need, half of everything; packages that are already installed stay.
.venv/.serves: pyproject.toml uv.lock .python-version
	@$(call synced,--no-default-groups --inexact)
	@touch $@

run: .venv/.serves ## Serve everything on this machine; settings: docs/settings.md
	@$(python) -m api

demo: .venv/.serves ## Run photos through three pipelines; outputs in demo-output/
	@$(python) -m examples.demo

dist: setup ## Build the wheel and the source distribution into dist/
	@$(find_uv); "$$uv" build --quiet --out-dir dist && ls dist/*.whl dist/*.tar.gz

# Many tests wait for other processes, so one process of tests more than cores.
whole_suite := --numprocesses=$$(( $$(nproc 2>/dev/null || sysctl -n hw.ncpu) + 1 )) --dist=loadfile --no-loadscope-reorder --durations=10

test: setup ## Run all tests; make test ARGS="-k crop" for some
	@$(python) -m pytest $(if $(ARGS),$(ARGS),$(whole_suite))

coverage: setup ## Run all tests and report the lines that none reached; takes twice the CPU of make test
	@$(python) -m pytest $(if $(ARGS),$(ARGS) --cov-fail-under=0,$(whole_suite)) --cov --cov-report=term-missing:skip-covered

faults: setup ## Run the fault matrix and every promise with full figures; takes hours
	@$(python) -m tests.faults $(ARGS)
	@DARKROOM_TEST_WHOLE=1 $(python) -m pytest $$(grep -rl 'tests.harness.scale' --include='test_*.py' tests)

check: setup check-web ## Format, lint, types, layers, migrations
	@$(python) -m ruff format --check .
	@$(python) -m ruff check .
	@$(python) -m mypy
	@.venv/bin/lint-imports --no-cache
	@$(python) -m tools.check_openapi
	@$(python) -m pytest --quiet tests/contract/sql/test_migrations.py -k schema_says

fix: setup ## Format, apply the fixes of the linter, write the generated documents
	@$(python) -m ruff format .
	@$(python) -m ruff check --fix .
	@$(python) -m tools.write_docs

migrate: setup ## Migrate the database at DARKROOM_DATABASE_URL
	@$(python) -m storage.migrate

user: $(if $(EMAIL),.venv/.serves) ## Add a user and ask for the password: make user EMAIL=me@example.com
	@[ -n "$(EMAIL)" ] || { echo 'Name the user: make user EMAIL=me@example.com' >&2; exit 1; }
	@$(python) -m api.users add "$(EMAIL)"

adopt: setup ## Assign the bucket of the settings to their database, on purpose; deletes nothing
	@$(python) -m storage.adopt

backup: .venv/.serves ## Back up the data directory while it is in use: make backup TO=/mnt/backups
	@[ -n "$(TO)" ] || { echo 'Name a directory for backups: make backup TO=/mnt/backups' >&2; exit 1; }
	@$(python) -m storage.backup create "$(TO)"

restore: .venv/.serves ## Restore a backup into an empty data directory: make restore FROM=/mnt/backups/…
	@[ -n "$(FROM)" ] || { echo 'Name the backup: make restore FROM=/mnt/backups/20261130T120000.000000Z' >&2; exit 1; }
	@$(python) -m storage.backup restore "$(FROM)"

import-objects: setup ## Copy the objects of a version 0.1 data directory from SeaweedFS to files
	@$(python) -m storage.embedded.import_seaweedfs

migration: $(if $(m),setup) ## Write a migration from the schema: make migration m="what changes"
	@[ -n "$(m)" ] || { echo 'Describe the change: make migration m="add tasks.priority"' >&2; exit 1; }
	@directory=$$(mktemp -d) && trap 'rm -rf "$$directory"' EXIT && export DARKROOM_DATA_DIR="$$directory" && \
		$(python) -m storage.migrate && .venv/bin/alembic revision --autogenerate --message "$(m)"

# From a checkout of the last commit: the code that runs before a migration that is about to be added.
record-statements: setup ## Record the SQL of the last commit, which the next migration has to leave working
	@checkout=$$(mktemp -d) && trap 'git worktree remove --force "$$checkout"' EXIT && \
		git worktree add --quiet --detach "$$checkout" HEAD && cd "$$checkout" && \
		DARKROOM_RECORD_STATEMENTS=$(CURDIR)/tests/contract/sql/previous_version.sql \
		$(CURDIR)/$(python) -m pytest --quiet -p tests.harness.statement_recorder -p no:cacheprovider tests/contract

clean: ## Remove what make created; the data in .darkroom/ stays
	@rm -rf .venv .uv .beside .screens tools/web/node_modules demo-output dist .coverage .coverage.* .hypothesis .*_cache
	@find $(code) -name __pycache__ -type d -prune -exec rm -rf {} +

include infra/targets.mk infra/k8s/targets.mk benchmarks/targets.mk tools/web/targets.mk
