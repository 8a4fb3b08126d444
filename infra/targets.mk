# Everything in containers: included by the Makefile.

include infra/monitoring/targets.mk

# With TLS_DOMAIN in infra/.env, Caddy stands before it.
tls := $(shell grep -qs '^TLS_DOMAIN=.' infra/.env 2>/dev/null && echo --file infra/tls.yml)
compose := docker compose --file infra/compose.yml $(tls)
.PHONY: up down logs compose rotate-secret test-compose check-infra

up: ## Run everything in containers: servers, API, worker, Prometheus, Grafana
	@. ./infra/check_docker.sh
	@sh infra/secrets.sh infra/.env
	@sh infra/check_env.sh infra/.env
	@$(compose) up --detach --build --wait $(ARGS)
	@sh infra/where.sh infra/.env

down: ## Stop the containers; the data stays: make down ARGS=--volumes removes it too
	@$(compose) down $(ARGS)

logs: ## Follow the containers' logs: make logs ARGS=worker
	@$(compose) logs --follow --tail 100 $(ARGS)

compose: ## Run a command of Docker Compose: make compose ARGS='ps worker'
	@$(compose) $(ARGS)

rotate-secret: ## Give a secret of infra/.env a new value, everywhere: make rotate-secret NAME=REDIS_PASSWORD
	@[ -n "$(NAME)" ] || { echo 'Name the secret: make rotate-secret NAME=REDIS_PASSWORD' >&2; exit 1; }
	@sh infra/rotate_secret.sh "$(NAME)" infra/.env $(compose)

test-compose: setup ## Start everything in containers, test it, break it, stop it
	@$(python) -m pytest tests/compose/certificates.py tests/compose/whole_system.py tests/compose/operations.py $(ARGS)

check: check-infra
check-infra: setup
	@.venv/bin/hadolint Dockerfile tests/compose/stand_ins/Dockerfile
	@.venv/bin/check-jsonschema --quiet --builtin-schema vendor.compose-spec infra/compose.yml infra/tls.yml tests/harness/compose.yml \
		tests/compose/fail_points.yml tests/compose/stand_ins/compose.yml tests/compose/stand_ins/tls.yml
	@for script in $$(find infra tests/compose -name '*.sh'); do sh -n "$$script" || exit 1; done
	@! docker compose version >/dev/null 2>&1 || { \
		passwords=$$(mktemp) && trap 'rm -f "$$passwords"' EXIT && sh infra/secrets.sh "$$passwords" && \
		for tls in '' '--file infra/tls.yml'; do TLS_DOMAIN=localhost \
		docker compose --file infra/compose.yml $$tls --env-file "$$passwords" config --quiet || exit 1; done; }
