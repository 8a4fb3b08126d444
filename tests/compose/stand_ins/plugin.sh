#!/bin/sh
# plugin.sh DIRECTORY: puts Docker's Compose plugin there, out of Debian 13, whatever release this machine runs.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/archives/partial"
cat > "$work/trixie.sources" <<'EOF'
Types: deb
URIs: http://deb.debian.org/debian
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
EOF
apt() {
  apt-get -q -o Dir::Etc::SourceParts=/dev/null -o Dir::Etc::SourceList="$work/trixie.sources" \
    -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work" -o APT::Sandbox::User=root "$@"
}
apt update
(cd "$work" && apt download docker-compose && dpkg -x docker-compose_*.deb root)
mkdir -p "$1" && cp "$work/root/usr/libexec/docker/cli-plugins/docker-compose" "$1/"
