#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test. Arguments go to ctest:
# `scripts/test.sh -R policy`.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh --tests
cmake --preset release -DBUILD_TESTING=ON -DSIGNALBOX_BENCH=OFF
cmake --build --preset release
ctest --preset release --parallel "$(nproc)" "$@"
