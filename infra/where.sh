#!/bin/sh
# Says where everything is and how to sign in. The passwords stay in the file.
set -eu
file=${1:?which file}
port() { sed -n "s/^$1=//p" "$file" | grep . || echo "$2"; }
cat <<EOF

  Darkroom     http://127.0.0.1:$(port API_PORT 8000)        its API in a browser: /docs
  MinIO        http://127.0.0.1:$(port S3_CONSOLE_PORT 9001)        user admin, password MINIO_ROOT_PASSWORD
  RabbitMQ     http://127.0.0.1:$(port RABBITMQ_MANAGEMENT_PORT 15672)       user darkroom, password RABBITMQ_PASSWORD
  Grafana      http://127.0.0.1:$(port GRAFANA_PORT 3000)        user admin, password GRAFANA_PASSWORD
  Prometheus   http://127.0.0.1:$(port PROMETHEUS_PORT 9090)
  Alertmanager http://127.0.0.1:$(port ALERTMANAGER_PORT 9093)

The passwords are in $file. Settings go there too, such as API_PORT=8080 or DARKROOM_WORKER_SLOTS=8.
More workers: make up ARGS='--scale worker=4'
EOF
if domain=$(sed -n 's/^TLS_DOMAIN=//p' "$file" | grep .); then
  echo "With TLS: https://$domain, and the console of MinIO at https://console.$domain"
fi
