#!/usr/bin/env bash
# All that must be withstood, at length: some two hours. Arguments name parts of
# it, as in `scripts/faults.sh kill outage`; FAULT_SEED repeats a run.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

export FAULTS=${FAULTS-full}
export SIGNALBOX_BIN=${SIGNALBOX_BIN-$PWD/build/release/signalbox}

if [ $# -eq 0 ]; then
  mapfile -t parts < <(basename -s .test.mjs tests/faults/*.test.mjs)
else
  parts=("$@")
fi
failed=()
for part in "${parts[@]}"; do
  node --test --test-reporter=spec "tests/faults/$part.test.mjs" \
    || failed+=("$part")
done
[ ${#failed[@]} -eq 0 ] || echo "FAILED: ${failed[*]}"
[ ${#failed[@]} -eq 0 ]
