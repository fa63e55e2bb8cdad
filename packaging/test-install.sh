#!/usr/bin/env bash
# Installs a build into a directory of its own and looks at what is there: the
# program starts, accepts the installed config, and the manual and the units pass
# their own tools' checks.
#
#   packaging/test-install.sh BUILD-DIRECTORY
set -euo pipefail

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
DESTDIR=$root cmake --install "$1" >/dev/null

# installed NAME: the one file of that name.
installed() {
  local found
  found=$(find "$root" -type f -name "$1")
  [ -f "$found" ] || { echo "not installed, or twice: $1" >&2; exit 1; }
  echo "$found"
}

program=$(installed signalbox)
config=$(installed signalbox.toml)
manual=$(installed signalbox.1)
service=$(installed signalbox.service)
socket=$(installed signalbox.socket)
rules=$(installed 60-signalbox-lamps.rules)
groups=$(installed signalbox.conf)

"$program" --version
(cd "$root" && "$program" check --config "$config")

for command in run check send listen status; do
  grep -q "$command" "$manual" || { echo "manual: no $command" >&2; exit 1; }
done
if command -v groff >/dev/null; then
  words=$(groff -man -Tutf8 -ww -z "$manual" 2>&1)
  [ -z "$words" ] || { echo "$words" >&2; exit 1; }
fi

# The socket is of use only to a listener of the same port.
port=$(sed -n 's/^ListenDatagram=//p' "$socket")
grep -qE "^address *= *\"\[::\]:$port\"" "$config" || {
  echo "nothing listens on the socket's port: $port" >&2
  exit 1
}

# udev drops a line with a mistake, and says so in its log only.
if udevadm verify --help >/dev/null 2>&1; then
  udevadm verify "$rules"
fi
# The service is in the group that the rules speak of.
grep -q '^SupplementaryGroups=plugdev$' "$service"
# It does not start where there is no such group.
grep -q '^g plugdev -$' "$groups"
if systemd-sysusers --help 2>/dev/null | grep -q -- --dry-run; then
  systemd-sysusers --dry-run "$groups" >/dev/null
fi
for node in hidraw gpiochip; do
  grep -q "^DeviceAllow=char-$node rw$" "$service"
done

if command -v systemd-analyze >/dev/null; then
  # It wants the program where the unit says that it will be.
  sed -i -E "s#^(Exec[A-Za-z]*=)[^ ]*/signalbox #\1$program #" "$service"
  words=$(systemd-analyze verify --man=no "$service" "$socket" 2>&1) || {
    echo "$words" >&2
    exit 1
  }
  # What it does not know, it only warns of; of other units, too.
  if grep signalbox <<<"$words" >&2; then exit 1; fi
fi
