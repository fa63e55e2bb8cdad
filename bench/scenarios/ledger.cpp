#include "bench/scenarios/ledger.hpp"

#include <fmt/format.h>
#include <simdjson.h>

namespace signalbox::bench {

namespace {

ledger::terms read_terms(simdjson::dom::object from) {
  ledger::terms xs;
  for (const auto& [key, value] : from) {
    if (value.is_uint64() || value.is_int64()) {
      xs.emplace(key, std::uint64_t{value});
    } else if (value.is_object()) {
      auto& sum = xs[std::string{key}];
      for (const auto& [name, n] : read_terms(value))
        sum += n;
    }
  }
  return xs;
}

std::string to_string(const ledger::terms& xs) {
  std::string text;
  for (const auto& [name, n] : xs)
    text += fmt::format(" {} {}", name, n);
  return text;
}

} // namespace

std::uint64_t of(const ledger::terms& xs, std::string_view name) {
  const auto x = xs.find(name);
  return x == xs.end() ? 0 : x->second;
}

bool ledger::has_taken_in(std::uint64_t sent) const {
  return of(ingest, "received") + of(ingest, "kernel_dropped") == sent
         && of(ingest, "in_flight") == 0 && of(events, "in_flight") == 0;
}

bool ledger::is_delivered() const {
  for (const auto& [name, x] : destinations)
    if (of(x, "waiting") + of(x, "in_flight") > 0)
      return false;
  return true;
}

std::uint64_t ledger::lost() const {
  return of(ingest, "kernel_dropped") + of(events, "shed");
}

result<ledger> read_ledger(const std::string& json) {
  try {
    simdjson::dom::parser parser;
    const simdjson::dom::element root = parser.parse(json);
    ledger x;
    x.balanced = bool{root["balanced"]};
    x.ingest = read_terms(root["ingest"]);
    x.events = read_terms(root["events"]);
    for (const auto& [name, terms] :
         simdjson::dom::object{root["destinations"]})
      x.destinations.emplace(name, read_terms(terms));
    return x;
  } catch (const simdjson::simdjson_error& why) {
    return fail(errc::malformed,
                std::string{"the engine's ledger: "} + why.what());
  }
}

std::string to_string(const ledger& x) {
  auto text = fmt::format("{}; datagrams:{}; events:{}",
                          x.balanced ? "balanced" : "NOT BALANCED",
                          to_string(x.ingest), to_string(x.events));
  for (const auto& [name, terms] : x.destinations)
    text += fmt::format("; {}:{}", name, to_string(terms));
  return text;
}

} // namespace signalbox::bench
