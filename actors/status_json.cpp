#include "actors/status_json.hpp"

#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <string_view>

namespace signalbox {

namespace {

using json_writer = rapidjson::Writer<rapidjson::StringBuffer>;

double seconds(duration x) {
  return std::chrono::duration<double>(x).count();
}

std::int64_t milliseconds(duration x) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(x).count();
}

void put(json_writer& w, std::string_view key) {
  w.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
}

void put(json_writer& w, std::string_view key, std::string_view value) {
  put(w, key);
  w.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

void put(json_writer& w, std::string_view key, std::uint64_t value) {
  put(w, key);
  w.Uint64(value);
}

void put_number(json_writer& w, std::string_view key, double value) {
  put(w, key);
  // Three decimals are more than anybody reads.
  w.Double(std::round(value * 1000) / 1000);
}

void put(json_writer& w, std::string_view key,
         const std::map<std::string, std::uint64_t>& rules) {
  put(w, key);
  w.StartObject();
  for (const auto& [name, events] : rules)
    put(w, name, events);
  w.EndObject();
}

void put(json_writer& w, const ingest_terms& x) {
  w.StartObject();
  put(w, "received", x.received);
  put(w, "kernel_dropped", x.kernel_dropped);
  put(w, "parsed", x.parsed);
  put(w, "rejected");
  w.StartObject();
  put(w, "malformed", x.malformed);
  put(w, "oversized", x.oversized);
  put(w, "source", x.source);
  put(w, "encoding", x.encoding);
  w.EndObject();
  put(w, "in_flight", x.in_flight);
  put(w, "bad_records", x.bad_records);
  w.EndObject();
}

void put(json_writer& w, const ledger& x) {
  const auto& e = x.events;
  w.StartObject();
  put(w, "parsed", e.parsed);
  put(w, "excluded", e.excluded);
  put(w, "duplicate", e.duplicate);
  put(w, "limited", e.limited);
  put(w, "journaled", e.journaled);
  put(w, "shed", e.shed);
  put(w, "in_flight", e.in_flight);
  put(w, "excluded_by_rule", x.excluded_by_rule);
  put(w, "limited_by_rule", x.limited_by_rule);
  w.EndObject();
}

void put(json_writer& w, const destination_terms& x) {
  w.StartObject();
  put(w, "journaled", x.journaled);
  put(w, "not_matched", x.not_matched);
  put(w, "delivered", x.delivered);
  put(w, "folded", x.folded);
  put(w, "dead_lettered", x.dead_lettered);
  put(w, "expired", x.expired);
  put(w, "dropped", x.dropped);
  put(w, "waiting", x.waiting);
  put(w, "in_flight", x.in_flight);
  w.EndObject();
}

void put(json_writer& w, const light_look& x) {
  put(w, "show", x.show);
  put(w, "color", x.color);
  put_number(w, "brightness", x.brightness);
  put(w, "period_ms", static_cast<std::uint64_t>(milliseconds(x.period)));
}

} // namespace

std::string ledger_json(const ledger& x) {
  rapidjson::StringBuffer out;
  json_writer w{out};
  w.StartObject();
  put(w, "balanced");
  w.Bool(x.imbalance() == 0);
  put(w, "imbalance", x.imbalance());
  put(w, "ingest");
  put(w, x.ingest);
  put(w, "events");
  put(w, x);
  put(w, "destinations");
  w.StartObject();
  for (const auto& [name, terms] : x.destinations) {
    put(w, name);
    put(w, terms);
  }
  w.EndObject();
  w.EndObject();
  return {out.GetString(), out.GetSize()};
}

std::string destinations_json(const std::vector<destination_status>& xs,
                              const ledger& books) {
  rapidjson::StringBuffer out;
  json_writer w{out};
  w.StartObject();
  put(w, "destinations");
  w.StartArray();
  for (const auto& x : xs) {
    const auto i = books.destinations.find(x.name);
    const auto terms =
      i == books.destinations.end() ? destination_terms{} : i->second;
    w.StartObject();
    put(w, "name", x.name);
    put(w, "kind", x.kind);
    put(w, "state", x.state);
    put(w, "breaker", x.breaker);
    put(w, "waiting", terms.waiting);
    put(w, "in_flight", terms.in_flight);
    put(w, "delivered", terms.delivered);
    put(w, "folded", terms.folded);
    put(w, "dead_lettered", terms.dead_lettered);
    put_number(w, "oldest_age_s", seconds(x.oldest));
    put(w, "last_error", x.last_error);
    put_number(w, "rate", x.rate);
    put_number(w, "retry_in_s", seconds(x.retry_in));
    put(w, "requests", x.requests);
    put(w, "retries", x.retries);
    w.EndObject();
  }
  w.EndArray();
  w.EndObject();
  return {out.GetString(), out.GetSize()};
}

std::string journal_json(const journal_status& x) {
  rapidjson::StringBuffer out;
  json_writer w{out};
  w.StartObject();
  put(w, "state", x.state);
  put(w, "last_error", x.last_error);
  put(w, "next", x.next);
  put(w, "oldest", x.oldest);
  put(w, "bytes_in_memory", x.bytes_in_memory);
  put(w, "bytes_on_disk", x.bytes_on_disk);
  put(w, "commits", x.commits);
  put(w, "dropped", x.dropped);
  put(w, "lost_letters", x.lost_letters);
  w.EndObject();
  return {out.GetString(), out.GetSize()};
}

std::string lights_json(const std::vector<light_status>& xs) {
  rapidjson::StringBuffer out;
  json_writer w{out};
  w.StartObject();
  put(w, "lights");
  w.StartArray();
  for (const auto& x : xs) {
    w.StartObject();
    put(w, "name", x.name);
    put(w, "driver", x.driver);
    put(w, "wish");
    w.StartObject();
    put(w, x.wish);
    put(w, "for_ms", static_cast<std::uint64_t>(milliseconds(x.wish_lasts)));
    put(w, "priority", static_cast<std::uint64_t>(x.wish_priority));
    w.EndObject();
    put(w, "shows");
    w.StartObject();
    put(w, x.shows);
    w.EndObject();
    put(w, "state", x.state);
    put(w, "last_error", x.last_error);
    put(w, "events", x.events);
    put(w, "commands", x.commands);
    put(w, "coalesced", x.coalesced);
    put(w, "errors", x.errors);
    w.EndObject();
  }
  w.EndArray();
  w.EndObject();
  return {out.GetString(), out.GetSize()};
}

std::string reloaded_json(const std::string& changes) {
  rapidjson::StringBuffer out;
  json_writer w{out};
  w.StartObject();
  put(w, "reloaded", std::string_view{changes});
  w.EndObject();
  return {out.GetString(), out.GetSize()};
}

std::string mistakes_json(std::string_view lines) {
  rapidjson::StringBuffer out;
  json_writer w{out};
  w.StartObject();
  put(w, "mistakes");
  w.StartArray();
  while (!lines.empty()) {
    const auto line = lines.substr(0, lines.find('\n'));
    w.String(line.data(), static_cast<rapidjson::SizeType>(line.size()));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
  }
  w.EndArray();
  w.EndObject();
  return {out.GetString(), out.GetSize()};
}

std::string ledger_line(const ledger& x) {
  const auto& i = x.ingest;
  const auto& e = x.events;
  auto out = fmt::format(
    "ledger {}: received {} + kernel dropped {}, parsed {}, rejected {} | "
    "events {}: excluded {}, duplicate {}, limited {}, shed {}, journaled {}",
    x.imbalance() == 0 ? "balanced" : "DOES NOT BALANCE", i.received,
    i.kernel_dropped, i.parsed,
    i.malformed + i.oversized + i.source + i.encoding, e.parsed, e.excluded,
    e.duplicate, e.limited, e.shed, e.journaled);
  for (const auto& [name, d] : x.destinations) {
    out += fmt::format(" | {}: delivered {}", name, d.delivered);
    const auto mention = [&](std::string_view what, std::uint64_t n) {
      if (n > 0)
        out += fmt::format(", {} {}", what, n);
    };
    mention("folded", d.folded);
    mention("not matched", d.not_matched);
    mention("dead-lettered", d.dead_lettered);
    mention("expired", d.expired);
    mention("dropped", d.dropped);
    mention("waiting", d.waiting);
    mention("in flight", d.in_flight);
  }
  return out;
}

} // namespace signalbox
