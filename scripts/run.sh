#!/usr/bin/env bash
# Installs what is missing, builds, and runs the engine. Without arguments it
# runs on embedded defaults; arguments go to `signalbox run`.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)

(
  cd "$here"
  scripts/setup.sh
  [ -f build/release/build.ninja ] \
    || cmake --preset release -DBUILD_TESTING=OFF
  cmake --build --preset release --target signalbox
)
exec "$here/build/release/signalbox" run "$@"
