#!/bin/sh
# run.sh DUMP_BODIES: has third parties judge the bodies that destinations send.
# Their packages, in the versions of package-lock.json, are fetched once.
set -eu
dump=$1
cd "$(dirname "$0")"

command -v npm > /dev/null || {
  echo "npm is missing: install the packages nodejs and npm" >&2
  exit 1
}
# Complete when the copy of the lock file is the one that we have now.
if ! cmp -s package-lock.json node_modules/.judges-lock.json; then
  npm ci --no-audit --no-fund --loglevel=error
  cp package-lock.json node_modules/.judges-lock.json
fi

bodies=$(mktemp)
trap 'rm -f "$bodies"' EXIT
"$dump" > "$bodies"
node judge.js < "$bodies"
