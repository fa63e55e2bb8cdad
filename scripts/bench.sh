#!/usr/bin/env bash
# Builds and runs the benchmarks: scenarios beside their floors and beside other
# programs, and what single parts cost in one process. The results, with a
# report, are in build/bench/. See bench/README.md.
#
#   scripts/bench.sh              all of it, in less than a quarter of an hour
#   scripts/bench.sh --smoke      only shows that they work, without others
#   scripts/bench.sh --only NAME  one scenario
#   scripts/bench.sh --release    all, and keeps the results in bench/results/
set -euo pipefail
cd "$(dirname "$0")/.."

mode=full only=
case ${1-} in
  "") ;;
  --smoke) mode=smoke ;;
  --release) mode=release ;;
  --only) only=${2:?--only wants a name} ;;
  *) sed -n '6,9s/^# *//p' "$0" >&2; exit 2 ;;
esac
commit=$(git describe --always --dirty --exclude '*')
if [ $mode = release ] && [[ $commit == *-dirty ]]; then
  echo "results name the commit that they are of: commit your changes" >&2
  exit 1
fi

# The micro benchmarks.
mapfile -t parts < <(sed -n 's/^micro_bench(\([a-z_]*\).*/\1/p' \
  bench/micro/CMakeLists.txt)
scenario=(--commit "$commit") micro=()
scripts/setup.sh --tools
if [ $mode = smoke ]; then
  scenario+=(--smoke)
  micro=(--benchmark_min_time=0.02)
else
  bench/peers/fetch.sh build/peers ||
    echo "Debian's packages of the peers cannot be fetched" >&2
  scenario+=(--peers bench/peers --peer-programs build/peers)
fi
if [ -n "$only" ]; then
  parts=()
  scenario+=(--only "$only")
fi

cmake --preset release -DSIGNALBOX_BENCH=ON
cmake --build --preset release --target signalbox bench_scenarios \
  "${parts[@]/#/bench_}"
programs=$PWD/build/release/bench out=$PWD/build/bench
rm -rf "$out"
mkdir -p "$out/micro"

failed=0
"$programs/scenarios/bench_scenarios" --engine build/release/signalbox \
  --json "$out/scenarios.json" "${scenario[@]}" || failed=1
for part in "${parts[@]}"; do
  # The store's benchmark works in the current directory.
  (cd "$out" && "$programs/micro/bench_$part" "${micro[@]}" \
    --benchmark_out="micro/$part.json" --benchmark_out_format=json) || failed=1
done
node bench/report/report.mjs "$out" bench/results/results.json
echo "See build/bench/report.md."
if [ $mode = release ] && [ $failed = 0 ]; then
  mkdir -p bench/results
  cp "$out"/results.json "$out"/report.md "$out"/*.svg bench/results/
fi
exit $failed
