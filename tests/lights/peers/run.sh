#!/bin/sh
# run.sh SIGNALBOX TEST...: runs tests of the binary against third-party
# bridges. Their packages, in the versions of package-lock.json, are fetched
# once.
set -eu
SIGNALBOX_BIN=$1
export SIGNALBOX_BIN
shift
cd "$(dirname "$0")"

command -v npm > /dev/null || {
  echo "npm is missing: install the packages nodejs and npm" >&2
  exit 1
}
# One of several tests fetches, the others wait. Complete when the copy of the
# lock file is the one that we have now.
exec 9> .fetching
flock 9
if ! cmp -s package-lock.json node_modules/.peers-lock.json; then
  npm ci --no-audit --no-fund --loglevel=error
  cp package-lock.json node_modules/.peers-lock.json
fi
exec 9>&-
exec node --test "$@"
