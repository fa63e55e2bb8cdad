#include "storage/sqlite/snapshots.hpp"

#include "storage/sqlite/schema.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <simdjson.h>

#include <array>
#include <map>
#include <utility>

namespace signalbox::storage {

namespace {

template <class T>
struct term {
  const char* name;
  std::uint64_t T::*value;
};

constexpr std::array ingest_members{
  term<ingest_terms>{"received", &ingest_terms::received},
  term<ingest_terms>{"kernel_dropped", &ingest_terms::kernel_dropped},
  term<ingest_terms>{"parsed", &ingest_terms::parsed},
  term<ingest_terms>{"malformed", &ingest_terms::malformed},
  term<ingest_terms>{"oversized", &ingest_terms::oversized},
  term<ingest_terms>{"source", &ingest_terms::source},
  term<ingest_terms>{"encoding", &ingest_terms::encoding},
  term<ingest_terms>{"in_flight", &ingest_terms::in_flight},
  term<ingest_terms>{"bad_records", &ingest_terms::bad_records},
};

constexpr std::array event_members{
  term<event_terms>{"parsed", &event_terms::parsed},
  term<event_terms>{"excluded", &event_terms::excluded},
  term<event_terms>{"duplicate", &event_terms::duplicate},
  term<event_terms>{"limited", &event_terms::limited},
  term<event_terms>{"journaled", &event_terms::journaled},
  term<event_terms>{"shed", &event_terms::shed},
  term<event_terms>{"in_flight", &event_terms::in_flight},
};

constexpr std::array log_members{
  term<log_snapshot>{"next", &log_snapshot::next},
  term<log_snapshot>{"bytes", &log_snapshot::bytes},
};

static_assert(sizeof(ingest_terms)
                == ingest_members.size() * sizeof(std::uint64_t),
              "each term of the ingest is kept");
static_assert(sizeof(event_terms)
                == event_members.size() * sizeof(std::uint64_t),
              "each term of the events is kept");

using json_writer = rapidjson::Writer<rapidjson::StringBuffer>;
using rule_counts = std::map<std::string, std::uint64_t>;

template <class Terms, class T>
void write_terms(json_writer& to, const Terms& terms, const T& x) {
  to.StartObject();
  for (const auto& member : terms) {
    to.Key(member.name);
    to.Uint64(x.*member.value);
  }
  to.EndObject();
}

void write_rules(json_writer& to, const rule_counts& xs) {
  to.StartObject();
  for (const auto& [name, count] : xs) {
    to.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    to.Uint64(count);
  }
  to.EndObject();
}

template <class Terms, class T>
bool read_terms(const Terms& terms, const simdjson::dom::element& from, T& x) {
  simdjson::dom::object object;
  if (from.get(object) != simdjson::SUCCESS)
    return false;
  for (const auto& member : terms) {
    const auto error = object[member.name].get(x.*member.value);
    if (error != simdjson::SUCCESS && error != simdjson::NO_SUCH_FIELD)
      return false;
  }
  return true;
}

bool read_rules(const simdjson::dom::element& from, rule_counts& xs) {
  simdjson::dom::object object;
  if (from.get(object) != simdjson::SUCCESS)
    return false;
  for (const auto& member : object) {
    std::uint64_t count = 0;
    if (member.value.get(count) != simdjson::SUCCESS)
      return false;
    xs.emplace(member.key, count);
  }
  return true;
}

std::string text_of(const rapidjson::StringBuffer& x) {
  return {x.GetString(), x.GetSize()};
}

} // namespace

std::string to_json(const ledger& x) {
  rapidjson::StringBuffer text;
  json_writer to{text};
  to.StartObject();
  to.Key("ingest");
  write_terms(to, ingest_members, x.ingest);
  to.Key("events");
  write_terms(to, event_members, x.events);
  to.Key("excluded_by_rule");
  write_rules(to, x.excluded_by_rule);
  to.Key("limited_by_rule");
  write_rules(to, x.limited_by_rule);
  to.Key("socket_drops");
  write_rules(to, x.socket_drops);
  to.EndObject();
  return text_of(text);
}

std::optional<ledger> ledger_from(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::element ingest;
  simdjson::dom::element events;
  simdjson::dom::element excluded;
  simdjson::dom::element limited;
  simdjson::dom::element sockets;
  ledger x;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS
      || root["ingest"].get(ingest) != simdjson::SUCCESS
      || root["events"].get(events) != simdjson::SUCCESS
      || root["excluded_by_rule"].get(excluded) != simdjson::SUCCESS
      || root["limited_by_rule"].get(limited) != simdjson::SUCCESS
      || !read_terms(ingest_members, ingest, x.ingest)
      || !read_terms(event_members, events, x.events)
      || !read_rules(excluded, x.excluded_by_rule)
      || root["socket_drops"].get(sockets) != simdjson::SUCCESS
      || !read_rules(limited, x.limited_by_rule)
      || !read_rules(sockets, x.socket_drops))
    return std::nullopt;
  return x;
}

std::string to_json(const log_snapshot& x) {
  rapidjson::StringBuffer text;
  json_writer to{text};
  write_terms(to, log_members, x);
  return text_of(text);
}

std::optional<log_snapshot> log_from(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  log_snapshot x;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS
      || !read_terms(log_members, root, x))
    return std::nullopt;
  return x;
}

// -- snapshot_rows ------------------------------------------------------------

result<snapshot_rows> snapshot_rows::prepare(database& db) {
  snapshot_rows x;
  auto done = db.prepare({
    {&x.save_, "INSERT INTO snapshots VALUES (?1, ?2, ?3) ON CONFLICT (name) "
               "DO UPDATE SET content = ?2, checksum = ?3"},
    {&x.load_, "SELECT content, checksum FROM snapshots WHERE name = ?1"},
  });
  if (!done)
    return tl::unexpected(done.error());
  return x;
}

result<void> snapshot_rows::save(std::string_view name,
                                 std::string_view content) {
  return save_.run(name, content, digest_of(name, content));
}

result<snapshot_rows::stored> snapshot_rows::load(std::string_view name) {
  auto answer = load_.query(name);
  const auto found = answer.next();
  if (!found)
    return tl::unexpected(found.error());
  stored x;
  if (!*found)
    return x;
  if (answer.number(1) == digest_of(name, answer.text(0)))
    x.content = answer.text(0);
  else
    x.damaged = true;
  return x;
}

} // namespace signalbox::storage
