#!/usr/bin/env bash
# Unpacks the peers' Debian packages into a folder: fetch.sh FOLDER
# They are not installed, for rsyslog and syslog-ng exclude each other, and both
# would start as the machine's own log. Does nothing if they are there.
set -euo pipefail

folder=${1:?usage: fetch.sh FOLDER}
packages=(
  rsyslog rsyslog-elasticsearch libestr0 libfastjson4 liblognorm5
  syslog-ng-core syslog-ng-mod-http libivykis0 libnet1 libwrap0 libjson-c5
  libpcre3
)

mkdir -p "$folder/usr/bin"
if node=$(command -v node); then
  ln -sf "$node" "$folder/usr/bin/node"
fi
if [ -e "$folder/complete" ]; then
  exit 0
fi
downloads=$(mktemp -d)
trap 'rm -rf "$downloads"' EXIT
fetch() {
  (cd "$downloads" && apt-get download -q "${packages[@]}")
}
# A fresh machine has no lists of packages.
fetch || { apt-get update -q && fetch; }
for package in "$downloads"/*.deb; do
  dpkg-deb --extract "$package" "$folder"
done
touch "$folder/complete"
