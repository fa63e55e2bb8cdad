#!/usr/bin/env bash
# Installs the Debian packages that are missing; does nothing when none is.
#
#   scripts/setup.sh          what the build needs
#   scripts/setup.sh --tests  also what the tests need
#   scripts/setup.sh --tools  all that, and the developer's and CI's tools
set -euo pipefail
cd "$(dirname "$0")/.."

build=(
  cmake ninja-build g++ ccache pkg-config
  libcaf-dev libsimdjson-dev libtomlplusplus-dev libyaml-cpp-dev
  libcurl4-openssl-dev libmosquitto-dev libcpp-httplib-dev libssl-dev
  prometheus-cpp-dev rapidjson-dev libexpected-dev libre2-dev
  libsqlite3-dev libxxhash-dev libsystemd-dev libhidapi-dev libgpiod-dev
  libkainjow-mustache-dev libcli11-dev libspdlog-dev libfmt-dev libsodium-dev
  uap-core
)
tests=(
  libboost-test-dev mosquitto mosquitto-clients openssl netcat-openbsd
  umockdev libumockdev-dev
)
tools=(
  clang clang-format clang-tidy libclang-rt-14-dev libbenchmark-dev
  gnuplot-nox shellcheck codespell
)

# Programs of which any version will do: the package only if there is none.
unless_present() {
  command -v "$1" >/dev/null || tests+=("$2")
}
unless_present node nodejs
unless_present npm npm
unless_present sqlite3 sqlite3
unless_present chromium chromium

wanted=("${build[@]}")
case ${1-} in
  "") ;;
  --tests) wanted+=("${tests[@]}") ;;
  --tools) wanted+=("${tests[@]}" "${tools[@]}") ;;
  *) echo "usage: scripts/setup.sh [--tests | --tools]" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null; then
  echo "This script knows Debian's packages only. Elsewhere, install what" \
    "corresponds to: ${wanted[*]}" >&2
  exit 1
fi

missing=()
for package in "${wanted[@]}"; do
  # shellcheck disable=SC2016 # dpkg-query's own variable.
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "Installing: ${missing[*]}"
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends "${missing[@]}"
fi
