#!/usr/bin/env bash
# Checks that dependencies between rooms point one way, and that libraries stay
# in their rooms. Prints each include that breaks a rule; `--self-test` breaks
# each rule once and fails unless that is noticed.
set -euo pipefail

# room: the rooms whose headers it may include, besides its own. "embedded" is
# what the build makes of files like the dashboard.
rooms='
messages:
formats:      messages
policy:       messages
net:          messages
config:       policy formats messages embedded
storage:      formats policy messages
endpoints:    config net policy messages
lights:       endpoints config net policy messages
destinations: endpoints config net policy formats messages
web:          embedded
actors:       web destinations lights endpoints storage net config policy formats messages embedded
cli:          actors web destinations lights endpoints storage net config policy formats messages embedded
bench:        actors storage net formats policy messages
tests:        cli actors web destinations lights endpoints storage net config policy formats messages embedded
'

# library header (a regular expression): who may include it (path prefixes).
libraries='
caf/                                 messages/actors.hpp actors/ cli/ tests/ bench/micro/
curl/                                net/ tests/net/ bench/floors/
mosquitto\.h                         net/ tests/net/ bench/floors/
(sys/socket|netinet/.*|netdb)\.h$    net/ tests/ bench/
(arpa/nameser|resolv|ifaddrs)\.h$    net/ tests/net/
arpa/inet\.h$                        net/ tests/ bench/ messages/endpoint.cpp config/address.cpp
toml\+\+/                            config/
sqlite3\.h                            storage/sqlite/ tests/storage/
systemd/                             net/
hidapi\.h                            lights/usb/hid.cpp
gpiod\.h                             lights/gpio/lines.cpp
umockdev\.h                          tests/lights/
'

# violations TREE: the offending includes of a tree.
violations() {
  (cd "$1" && grep -rnoE --include='*.cpp' --include='*.hpp' \
    --exclude-dir=build --exclude-dir=node_modules \
    '^ *# *include *["<][^">]+' -- *) | awk -F: -v rooms="$rooms" \
    -v libraries="$libraries" '
    BEGIN {
      n = split(rooms, line, "\n")
      for (i = 1; i <= n; i++) {
        split(line[i], side, ":")
        may[side[1]] = " " side[1] " " side[2] " "
      }
      libs = split(libraries, library, "\n")
    }
    function allowed(path, prefixes,    k, n, p) {
      n = split(prefixes, p, " ")
      for (k = 2; k <= n; k++)
        if (index(path, p[k]) == 1) return 1
      return 0
    }
    {
      target = $3; sub(/^[^"<]*/, "", target)
      form = substr(target, 1, 1); target = substr(target, 2)
      room = $1; sub(/\/.*/, "", room)
      into = target; if (!sub(/\/.*/, "", into)) into = "(no room)"
      if (form == "\"" && index(may[room], " " into " ") == 0)
        print $1 ":" $2 ": " room " must not include \"" target "\""
      for (i = 1; i <= libs; i++) {
        split(library[i], part, " ")
        if (form == "<" && part[1] && target ~ "^" part[1] \
            && !allowed($1, library[i]))
          print $1 ":" $2 ": <" target "> is not for " room
      }
    }'
}

# Every rule broken once: file, include.
broken='
messages/event.hpp       "formats/wire_parser.hpp"
formats/qlik.cpp         "policy/match.hpp"
policy/match.cpp         "formats/wire_parser.hpp"
net/udp.cpp              "config/config.hpp"
config/load.cpp          "destinations/registry.hpp"
storage/memory/store.cpp "net/udp_socket.hpp"
lights/engine.cpp        "actors/light.hpp"
destinations/slack/a.cpp "storage/store.hpp"
endpoints/url.cpp        "lights/driver.hpp"
lights/hue/driver.cpp    "destinations/driver.hpp"
web/page.cpp             "actors/admin_server.hpp"
actors/ingest.cpp        "cli/commands.hpp"
cli/main.cpp             "tests/actors/fixture.hpp"
bench/micro/parse.cpp    "cli/command.hpp"
tests/net/udp_test.cpp   "bench/floors/receive.hpp"
policy/backoff.cpp       "backoff.hpp"
messages/event.cpp       <caf/typed_actor.hpp>
policy/ledger.cpp        <caf/actor.hpp>
actors/http.cpp          <curl/curl.h>
destinations/mqtt/m.cpp  <mosquitto.h>
actors/ingest.hpp        <sys/socket.h>
messages/event_batch.cpp <arpa/inet.h>
cli/check.cpp            <toml++/toml.h>
cli/run.cpp              <systemd/sd-daemon.h>
lights/discovery/mdns.cpp <arpa/nameser.h>
lights/usb/hid_writer.cpp <hidapi.h>
lights/gpio/driver.cpp   <gpiod.h>
lights/usb/hid.cpp       <umockdev.h>
'

if [ "${1-}" = --self-test ]; then
  failed=0
  tree=$(mktemp -d)
  trap 'rm -rf "$tree"' EXIT
  while read -r file include; do
    rm -rf "${tree:?}"/*
    mkdir -p "$tree/$(dirname "$file")"
    echo "#include $include" >"$tree/$file"
    if [ -z "$(violations "$tree")" ]; then
      echo "not noticed: $file includes $include"
      failed=1
    fi
  done < <(sed '/^$/d' <<<"$broken")
  exit $failed
fi

found=$(violations "$(dirname "$0")/..")
[ -z "$found" ] || { echo "$found"; exit 1; }
