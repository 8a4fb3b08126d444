#!/bin/sh
# Writes the configuration, which cannot read variables by itself, and becomes Alertmanager. Arguments are added to its own.
set -eu
config=${ALERTMANAGER_CONFIG:-/tmp/alertmanager.yml}
umask 077 # the URL of a webhook is often a secret
cat > "$config" <<EOF
route:
  receiver: webhook
  group_by: [alertname]
  group_wait: 10s
  group_interval: 1m
  repeat_interval: 1d
  routes:
    - matchers: ['severity="page"']
      receiver: webhook
      repeat_interval: 1h
receivers:
  - name: webhook
    webhook_configs:
      - url: '${ALERT_WEBHOOK_URL:?name the URL that alerts are sent to}'
        send_resolved: true
EOF
exec alertmanager --config.file="$config" "$@"
