#!/usr/bin/env bash
# Builds every fuzz target and runs each over its corpus, then for a while on
# inputs of its own.
#
#   scripts/fuzz.sh [SECONDS]    for each target; 10 unless told
#
# Inputs that crash are kept in build/fuzz/found/; new ones worth keeping go
# from there into tests/fuzz/corpus/.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-10}

cmake --preset fuzz
mapfile -t targets < <(cmake --build --preset fuzz --target help \
  | sed -n 's/^\(fuzz_[a-z0-9_]*\): phony$/\1/p')
[ ${#targets[@]} -gt 0 ] || { echo "no fuzz targets" >&2; exit 1; }
cmake --build --preset fuzz --target "${targets[@]}"

failed=0
for target in "${targets[@]}"; do
  name=${target#fuzz_}
  echo "== $name"
  mkdir -p "build/fuzz/found/$name"
  corpus=()
  [ ! -d "tests/fuzz/corpus/$name" ] || corpus=("tests/fuzz/corpus/$name")
  "build/fuzz/tests/fuzz/$target" -max_total_time="$seconds" -timeout=5 \
    -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/found/$name-" \
    "build/fuzz/found/$name" "${corpus[@]}" || failed=1
done
exit $failed
