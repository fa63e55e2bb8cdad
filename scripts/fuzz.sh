#!/usr/bin/env bash
# Builds every fuzz target and runs each over its corpus, then for a while on
# inputs of its own.
#
#   scripts/fuzz.sh [SECONDS]    for each target; 10 unless told
#
# New inputs are kept in build/fuzz/found/; those that crash belong into
# tests/fuzz/corpus/, where they are tested ever after.
set -euo pipefail
cd "$(dirname "$0")/.."

cmake --preset fuzz -DSIGNALBOX_FUZZ_SECONDS="${1:-10}"
cmake --build --preset fuzz --target fuzz_targets
ctest --preset fuzz --parallel "$(nproc)"
