#include "actors/status_json.hpp"
#include "messages/actors.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/metric_type.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signalbox {

namespace {

using labels = std::vector<prometheus::ClientMetric::Label>;

class metrics {
public:
  void begin(std::string name, std::string help, prometheus::MetricType type) {
    prometheus::MetricFamily x;
    x.name = std::move(name);
    x.help = std::move(help);
    x.type = type;
    families_.push_back(std::move(x));
  }

  void counter(std::string name, std::string help) {
    begin(std::move(name), std::move(help), prometheus::MetricType::Counter);
  }

  void gauge(std::string name, std::string help) {
    begin(std::move(name), std::move(help), prometheus::MetricType::Gauge);
  }

  void add(labels of, double value) {
    auto& family = families_.back();
    prometheus::ClientMetric x;
    x.label = std::move(of);
    if (family.type == prometheus::MetricType::Counter)
      x.counter.value = value;
    else
      x.gauge.value = value;
    family.metric.push_back(std::move(x));
  }

  void add(labels of, std::uint64_t value) {
    add(std::move(of), static_cast<double>(value));
  }

  /// A summary without quantiles: how many, and their sum.
  void add(labels of, std::uint64_t count, double sum) {
    prometheus::ClientMetric x;
    x.label = std::move(of);
    x.summary.sample_count = count;
    x.summary.sample_sum = sum;
    families_.back().metric.push_back(std::move(x));
  }

  [[nodiscard]] std::string text() const {
    return prometheus::TextSerializer{}.Serialize(families_);
  }

private:
  std::vector<prometheus::MetricFamily> families_;
};

void add_ledger(metrics& out, const ledger& x) {
  out.gauge("signalbox_ledger_imbalance",
            "Datagrams and events that the books cannot account for");
  out.add({}, x.imbalance());
  out.counter("signalbox_datagrams_received_total", "Datagrams received");
  out.add({}, x.ingest.received);
  out.counter("signalbox_datagrams_kernel_dropped_total",
              "Datagrams that the kernel dropped for want of room");
  out.add({}, x.ingest.kernel_dropped);
  out.counter("signalbox_datagrams_parsed_total",
              "Datagrams that became events");
  out.add({}, x.ingest.parsed);
  out.counter("signalbox_datagrams_rejected_total",
              "Datagrams that are no events, by reason");
  out.add({{"reason", "malformed"}}, x.ingest.malformed);
  out.add({{"reason", "oversized"}}, x.ingest.oversized);
  out.add({{"reason", "source"}}, x.ingest.source);
  out.add({{"reason", "encoding"}}, x.ingest.encoding);
  out.counter("signalbox_records_rejected_total",
              "Records that were no events, in datagrams that held others");
  out.add({}, x.ingest.bad_records);
  out.counter("signalbox_events_total", "Events, by what became of them");
  out.add({{"outcome", "excluded"}}, x.events.excluded);
  out.add({{"outcome", "duplicate"}}, x.events.duplicate);
  out.add({{"outcome", "limited"}}, x.events.limited);
  out.add({{"outcome", "journaled"}}, x.events.journaled);
  out.add({{"outcome", "shed"}}, x.events.shed);
  out.counter("signalbox_events_parsed_total", "Events parsed");
  out.add({}, x.events.parsed);
  out.counter("signalbox_events_excluded_total", "Excluded events, by rule");
  for (const auto& [rule, events] : x.excluded_by_rule)
    out.add({{"rule", rule}}, events);
  out.counter("signalbox_events_limited_total", "Limited events, by rule");
  for (const auto& [rule, events] : x.limited_by_rule)
    out.add({{"rule", rule}}, events);
}

void add_destinations(metrics& out, const engine_picture& picture,
                      const ledger& x) {
  out.counter("signalbox_destination_events_total",
              "Journaled events, by destination and by what became of them");
  for (const auto& [name, d] : x.destinations) {
    const auto add = [&, &n = name](const char* outcome, std::uint64_t events) {
      out.add({{"destination", n}, {"outcome", outcome}}, events);
    };
    add("not_matched", d.not_matched);
    add("delivered", d.delivered);
    add("folded", d.folded);
    add("expired", d.expired);
    add("dropped", d.dropped);
  }
  out.gauge("signalbox_destination_events",
            "Events on their way, by destination");
  for (const auto& [name, d] : x.destinations) {
    out.add({{"destination", name}, {"state", "waiting"}}, d.waiting);
    out.add({{"destination", name}, {"state", "in_flight"}}, d.in_flight);
  }
  // No counter: a dead letter that is sent again and arrives is none any more.
  out.gauge("signalbox_destination_dead_lettered_events",
            "Events given up and not delivered since, by destination");
  for (const auto& [name, d] : x.destinations)
    out.add({{"destination", name}}, d.dead_lettered);
  out.counter("signalbox_destination_requests_total",
              "Requests sent, retries included");
  for (const auto& d : picture.destinations)
    out.add({{"destination", d.name}}, d.requests);
  out.counter("signalbox_destination_retries_total", "Requests sent again");
  for (const auto& d : picture.destinations)
    out.add({{"destination", d.name}}, d.retries);
  out.gauge("signalbox_destination_up",
            "1 while the breaker is closed and the last answer was good");
  for (const auto& d : picture.destinations)
    out.add({{"destination", d.name}},
            d.state == "ok" || d.state == "idle" ? 1.0 : 0.0);
  out.gauge("signalbox_destination_oldest_seconds",
            "Age of the oldest event in hand");
  for (const auto& d : picture.destinations)
    out.add({{"destination", d.name}},
            std::chrono::duration<double>(d.oldest).count());
}

void add_journal(metrics& out, const journal_status& x) {
  out.gauge("signalbox_journal_up",
            "1 while the journal can be written and read, and sheds nothing");
  out.add({}, x.state == "ok" ? 1.0 : 0.0);
  out.gauge("signalbox_journal_bytes", "Bytes of events that are kept");
  out.add({{"where", "memory"}}, x.bytes_in_memory);
  out.add({{"where", "disk"}}, x.bytes_on_disk);
  out.gauge("signalbox_journal_events", "Events that are kept");
  out.add({}, x.next - x.oldest);
  out.counter("signalbox_journal_commits_total", "Transactions written");
  out.add({}, x.commits);
  out.counter("signalbox_journal_dropped_total",
              "Events that left before all destinations had them");
  out.add({}, x.dropped);
  out.counter("signalbox_journal_letters_lost_total",
              "Dead letters that could not be written for long");
  out.add({}, x.lost_letters);
}

void add_listeners(metrics& out, const engine_picture& picture) {
  out.gauge("signalbox_listener_receive_buffer_bytes",
            "Receive buffer that the kernel gave");
  for (const auto& l : picture.listeners)
    out.add({{"listener", l.name}, {"address", l.address}}, l.receive_buffer);
}

void add_lights(metrics& out, const engine_picture& picture) {
  out.counter("signalbox_light_events_total", "Wishes, by lamp");
  for (const auto& l : picture.lights)
    out.add({{"light", l.name}}, l.events);
  out.counter("signalbox_light_commands_total", "Commands sent, by lamp");
  for (const auto& l : picture.lights)
    out.add({{"light", l.name}}, l.commands);
  out.counter("signalbox_light_coalesced_total",
              "Wishes that needed no command of their own, by lamp");
  for (const auto& l : picture.lights)
    out.add({{"light", l.name}}, l.coalesced);
  out.counter("signalbox_light_errors_total", "Commands that failed, by lamp");
  for (const auto& l : picture.lights)
    out.add({{"light", l.name}}, l.errors);
  out.begin("signalbox_light_latency_seconds",
            "From a wish to the lamp's answer, by lamp",
            prometheus::MetricType::Summary);
  for (const auto& l : picture.lights)
    out.add({{"light", l.name}}, l.shown,
            std::chrono::duration<double>(l.latency).count());
  out.gauge("signalbox_light_up", "Whether the lamp takes commands, by lamp");
  for (const auto& l : picture.lights)
    out.add({{"light", l.name}}, std::uint64_t{l.state == "up" ? 1U : 0U});
}

// A stranger can name as many servers as they like, and as they like: those
// with the most users have a label of their own.
void add_sessions(metrics& out, const session_picture& x) {
  constexpr std::size_t most_servers = 100;
  constexpr std::string_view others_name = "(others)";
  auto servers = x.servers;
  std::ranges::stable_sort(servers, std::greater{}, &active_server::users);
  out.gauge("signalbox_active_users", "Users who are active now");
  out.add({}, std::uint64_t{x.users.size()});
  out.gauge("signalbox_active_users_by_server",
            "Users who are active now, by server; those of the 101st server "
            "and of the following ones are together under \"(others)\"");
  std::optional<std::uint64_t> others;
  for (std::size_t i = 0; i < servers.size(); ++i)
    if (i < most_servers && servers[i].name != others_name)
      out.add({{"server", servers[i].name}}, servers[i].users);
    else
      others = others.value_or(0) + servers[i].users;
  if (others)
    out.add({{"server", std::string{others_name}}}, *others);
  out.gauge("signalbox_open_sessions", "Sessions of active users");
  out.add({}, x.sessions);
  out.gauge("signalbox_open_connections", "Connections of active users");
  out.add({}, x.connections);
  out.counter("signalbox_sessions_expired_total",
              "Users who left a server unseen: nothing was heard of them for "
              "sessions.expire");
  out.add({}, x.expired);
  out.counter("signalbox_sessions_made_way_total",
              "Users who are counted no more, for want of room");
  out.add({}, x.made_way);
}

} // namespace

std::string metrics_text(const engine_picture& x, const ledger& books) {
  metrics out;
  add_ledger(out, books);
  add_journal(out, x.journal);
  add_listeners(out, x);
  add_destinations(out, x, books);
  add_lights(out, x);
  if (x.sessions)
    add_sessions(out, *x.sessions);
  return out.text();
}

} // namespace signalbox
