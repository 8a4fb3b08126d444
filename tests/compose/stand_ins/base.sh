#!/bin/sh
# base.sh PYTHON > base.tar: Debian 13 with the interpreter that PYTHON runs on under /usr/local, as `python:3.12-slim` has it.
# It trusts the authorities that this machine trusts, so that builds get their packages the way this machine does.
set -eu
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
debootstrap --variant=minbase \
  --include=ca-certificates,libbz2-1.0,libffi8,liblzma5,libreadline8t64,libsqlite3-0,libssl3t64,libuuid1,zlib1g \
  trixie "$root" >&2

prefix=$("$1" -c 'import sys; print(sys.base_prefix)')
cp -a "$prefix"/bin/python3.12 "$root/usr/local/bin/"
ln -s python3.12 "$root/usr/local/bin/python3" && ln -s python3.12 "$root/usr/local/bin/python"
cp -a "$prefix"/lib/libpython3.12.so* "$root/usr/local/lib/" 2>/dev/null || true # a static build has none
(cd "$prefix/lib" && tar -c --exclude=__pycache__ --exclude=site-packages/* --exclude=python3.12/test python3.12) |
  tar -x -C "$root/usr/local/lib"
chroot "$root" ldconfig
chroot "$root" python3.12 -m ensurepip --default-pip >&2

cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' > "$root/etc/pip.conf"
mkdir "$root/etc/uv" && echo 'system-certs = true' > "$root/etc/uv/uv.toml"
rm -rf "$root"/var/cache/apt/archives/*.deb
tar -C "$root" -c .
