#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test. Arguments go to ctest:
# `scripts/test.sh -R policy`.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh --tests
# A user's compiler may warn of what ours does not; only CI is strict.
cmake --preset release -DSIGNALBOX_WERROR="${CI:-OFF}"
cmake --build --preset release
# The slow tests wait for time-outs, not for a processor.
ctest --preset release --parallel "$(($(nproc) * 2))" "$@"
