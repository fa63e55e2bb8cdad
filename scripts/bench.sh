#!/usr/bin/env bash
# Builds and runs the benchmarks: the scenario UDP → file beside its floor, the
# parser alone, the blob beside its floor, and digests. `--smoke` is a short run that
# only shows that they work. Results are printed and kept in build/bench/.
set -euo pipefail
cd "$(dirname "$0")/.."

micro=()
case ${1-} in
  "") scenario=(--rates "20000,50000,100000" --seconds 5) ;;
  --smoke)
    scenario=(--rates 20000 --seconds 1)
    micro=(--benchmark_min_time=0.05)
    ;;
  *) echo "usage: scripts/bench.sh [--smoke]" >&2; exit 2 ;;
esac

scripts/setup.sh --tools
cmake --preset release -DSIGNALBOX_BENCH=ON
cmake --build --preset release --target signalbox \
  bench_udp_to_file bench_parse bench_blob bench_digest bench_journal
mkdir -p build/bench
build/release/bench/bench_udp_to_file --engine build/release/signalbox \
  --json build/bench/udp_to_file.json --markdown build/bench/udp_to_file.md \
  "${scenario[@]}"
for name in parse blob digest journal; do
  "build/release/bench/bench_$name" "${micro[@]}" \
    --benchmark_out="build/bench/$name.json" --benchmark_out_format=json
done
