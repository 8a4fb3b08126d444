#!/bin/sh
# Writes the configuration of the probe of the certificate, and becomes blackbox_exporter. Arguments are added to its own.
# Any authority is accepted: the probe reports when the certificate expires, browsers judge who signed it.
set -eu
config=${PROBE_CONFIG:-/tmp/blackbox.yml}
cat > "$config" <<EOF
modules:
  tls:
    prober: tcp
    timeout: 5s
    tcp:
      preferred_ip_protocol: ip4
      tls: true
      tls_config: {insecure_skip_verify: true, server_name: '${TLS_DOMAIN:?name the domain of the certificate}'}
EOF
exec blackbox_exporter --config.file="$config" "$@"
