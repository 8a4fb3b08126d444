#!/bin/sh
# Derives dashboard.schema.json from the types that Grafana publishes: sh tests/monitoring/grafana/renew.sh 13.2.0
set -eu
version="${1:?which version of @grafana/schema?}"
here="$(cd "$(dirname "$0")" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cp "$here/dashboard.ts" "$here/tsconfig.json" "$work"
cd "$work"
npm install --silent --no-save "@grafana/schema@$version" ts-json-schema-generator@2.4.0 >&2
npx ts-json-schema-generator --path dashboard.ts --tsconfig tsconfig.json --type Dashboard \
	--no-type-check --expose none --jsDoc none --minify --out plain.json
{
	printf '{"$comment":"Derived by renew.sh from @grafana/schema %s (Grafana Labs, Apache-2.0).",' "$version"
	cut -c 2- plain.json
} > "$here/dashboard.schema.json"
