#!/bin/sh
# Writes the file of passwords that compose.yml asks for; adds what a newer version needs, never changes what is there.
set -eu
umask 077
file=${1:?which file}
touch "$file"
for name in POSTGRES_ADMIN_PASSWORD POSTGRES_PASSWORD POSTGRES_METRICS_PASSWORD RABBITMQ_PASSWORD REDIS_PASSWORD \
  MINIO_ROOT_PASSWORD S3_SECRET_ACCESS_KEY GRAFANA_PASSWORD; do
  grep -q "^$name=" "$file" || echo "$name=$(od -An -N20 -tx1 /dev/urandom | tr -d ' \n')" >> "$file"
done
