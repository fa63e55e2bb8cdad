#!/bin/sh
# run.sh SIGNALBOX: has third parties' lamps and receivers listen to the binary.
# Their packages, in the versions of package-lock.json, are fetched once.
set -eu
SIGNALBOX_BIN=$1
export SIGNALBOX_BIN
cd "$(dirname "$0")"

command -v npm > /dev/null || {
  echo "npm is missing: install the packages nodejs and npm" >&2
  exit 1
}
# Complete when the copy of the lock file is the one that we have now.
if ! cmp -s package-lock.json node_modules/.peers-lock.json; then
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
  cp package-lock.json node_modules/.peers-lock.json
fi
exec node --test lamps.test.mjs
