#!/bin/sh
# run.sh DIRECTORY PYTHON: Caddy with infra/caddy/Caddyfile gets certificates of a local authority, and this prints what it serves.
# In namespaces of its own: names, and the ports 80 and 443, are those of this test only, and all that it starts ends with it.
set -eu
work=$1 python=$2 here=$(dirname "$0")
ip link set lo up
echo '127.0.0.1 localhost authority.test images.test s3.images.test console.images.test api minio' > "$work/hosts"
mount --bind "$work/hosts" /etc/hosts

XDG_DATA_HOME="$work/authority" XDG_CONFIG_HOME="$work" caddy run --config "$here/authority.caddy" --adapter caddyfile > "$work/authority.log" 2>&1 &
root="$work/authority/caddy/pki/authorities/local/root.crt"
until [ -s "$root" ] && curl --silent --cacert "$root" https://authority.test:9443/acme/local/directory > /dev/null; do sleep 0.2; done
cat /etc/ssl/certs/ca-certificates.crt "$root" > "$work/trusted.crt"

# As Compose publishes its ports, and what it stands before.
"$python" "$here/forward.py" 80:8080 443:8443 > "$work/forward.log" 2>&1 &
"$python" -m http.server 8000 --bind 127.0.0.1 --directory "$here" > /dev/null 2>&1 &
for port in 80 443 8000; do # a challenge that failed is repeated after a minute only
  until ss --listening --tcp --numeric | grep -q "127.0.0.1:$port "; do sleep 0.2; done
done
SSL_CERT_FILE="$work/trusted.crt" XDG_DATA_HOME="$work/edge" XDG_CONFIG_HOME="$work" TLS_HSTS_SECONDS=31536000 \
  TLS_DOMAIN=images.test TLS_ISSUER=auto TLS_ACME_DIRECTORY=https://authority.test:9443/acme/local/directory \
  caddy run --config "$here/../../../infra/caddy/Caddyfile" --adapter caddyfile > "$work/edge.log" 2>&1 &
for name in images.test s3.images.test console.images.test; do
  until curl --silent --cacert "$root" --output /dev/null "https://$name/"; do sleep 0.2; done
  echo "verified $name"
done
curl --silent --cacert "$root" --head https://images.test/ | grep -i strict-transport-security
curl --silent --output /dev/null --write-out '%{http_code} %{redirect_url}\n' http://images.test/x
