#!/bin/sh
# rotate_secret.sh NAME FILE COMPOSE…: gives a secret of FILE (infra/.env) a new value, in its server and all containers.
# The server changes first: if that fails, FILE stays as it was. `make rotate-secret` runs it.
set -eu
name=${1:?name the secret}
file=${2:?which file}
shift 2
grep -qs "^$name=" "$file" || { echo "There is no secret $name in $file. infra/secrets.sh lists them." >&2; exit 1; }
new=$(od -An -N20 -tx1 /dev/urandom | tr -d ' \n')

case $name in
  POSTGRES_PASSWORD) role=darkroom ;;
  POSTGRES_METRICS_PASSWORD) role=metrics ;;
  POSTGRES_ADMIN_PASSWORD) role=postgres ;;
  RABBITMQ_PASSWORD)
    # It would wait for a terminal if it read the password by itself.
    echo "$new" | "$@" exec --no-TTY rabbitmq sh -c 'read -r new && rabbitmqctl --quiet change_password darkroom "$new"' ;;
  GRAFANA_PASSWORD)
    echo "$new" | "$@" exec --no-TTY grafana grafana cli admin reset-admin-password --password-from-stdin ;;
  REDIS_PASSWORD | MINIO_ROOT_PASSWORD | S3_SECRET_ACCESS_KEY) ;; # read when their containers start
  *)
    echo "$name is not a secret that this can change." >&2
    exit 1 ;;
esac
if [ -n "${role:-}" ]; then
  echo "ALTER ROLE $role PASSWORD '$new'" |
    "$@" exec --no-TTY postgres psql --quiet --set ON_ERROR_STOP=1 --username postgres
fi

umask 077
sed "s/^$name=.*/$name=$new/" "$file" > "$file.new"
mv "$file.new" "$file"
workers=$("$@" ps --quiet worker | wc -l) # without a number, `up` would start one
"$@" up --detach --no-build --wait --scale worker="$workers"
echo "$name is new in $file and in every container."
