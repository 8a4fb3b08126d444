#!/bin/sh
# Read by `make up`. Says what it lacks: the docker command, its Compose plugin, or an engine that answers.
set -eu
fail() { printf 'make up: %s\n' "$1" >&2; exit 1; }
command -v docker >/dev/null || fail 'the docker command is missing. Install Docker: https://docs.docker.com/engine/install/'
docker compose version >/dev/null 2>&1 || fail "docker has no Compose plugin. Install it, on Debian and Ubuntu with: apt-get install \
docker-compose-plugin (Docker's repository) or docker-compose-v2 (Ubuntu's). The older docker-compose command is not enough."
answer=$(docker info 2>&1) || fail "the Docker engine does not answer. Start it, or join the group docker. It says: $(echo "$answer" | tail -n 1)"
