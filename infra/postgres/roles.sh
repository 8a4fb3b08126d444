#!/bin/sh
# Run by the image on a new data directory: the service owns its database and nothing else; the exporter may only look.
set -eu
psql --set ON_ERROR_STOP=1 --quiet --username postgres --dbname postgres \
  --set darkroom_password="$DARKROOM_PASSWORD" --set metrics_password="$METRICS_PASSWORD" <<'SQL'
CREATE ROLE darkroom LOGIN PASSWORD :'darkroom_password';
CREATE DATABASE darkroom OWNER darkroom;
REVOKE CONNECT ON DATABASE darkroom FROM PUBLIC;
CREATE ROLE metrics LOGIN PASSWORD :'metrics_password' IN ROLE pg_monitor;
GRANT CONNECT ON DATABASE darkroom TO metrics;
SQL
