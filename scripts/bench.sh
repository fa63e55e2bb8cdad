#!/usr/bin/env bash
# Builds and runs the benchmarks: scenarios beside their floors, and what single
# parts cost in one process. `--smoke` is a short run that only shows that they
# work. Results are printed and kept in build/bench/.
set -euo pipefail
cd "$(dirname "$0")/.."

scenario=() micro=()
case ${1-} in
  "") ;;
  --smoke) scenario=(--smoke) micro=(--benchmark_min_time=0.05) ;;
  *) echo "usage: scripts/bench.sh [--smoke]" >&2; exit 2 ;;
esac

scripts/setup.sh --tools
cmake --preset release -DSIGNALBOX_BENCH=ON
cmake --build --preset release --target signalbox \
  bench_scenarios bench_parse bench_blob bench_digest bench_journal
mkdir -p build/bench
build/release/bench/scenarios/bench_scenarios --engine build/release/signalbox \
  --json build/bench/results.json --commit "$(git describe --always --dirty)" \
  "${scenario[@]}"
for name in parse blob digest journal; do
  "build/release/bench/micro/bench_$name" "${micro[@]}" \
    --benchmark_out="build/bench/$name.json" --benchmark_out_format=json
done
