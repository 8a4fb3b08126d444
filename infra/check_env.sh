#!/bin/sh
# Warns of names in infra/.env that compose.yml does not have: a misspelled setting would have no effect.
set -eu
file=${1:?which file}
here=$(dirname "$0")
sed -n 's/^ *\([A-Z][A-Z0-9_]*\)=.*/\1/p' "$file" | while read -r name; do
  grep -q "[ {]$name[:}]" "$here/compose.yml" "$here/tls.yml" ||
    echo "infra/.env: $name is not a setting of infra/compose.yml and has no effect." >&2
done
