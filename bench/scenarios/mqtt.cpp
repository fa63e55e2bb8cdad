// UDP → MQTT, to a broker that only counts and to mosquitto, beside a loop that
// does nothing but publish the same.
#include "bench/load/samples.hpp"
#include "bench/process/wait_for.hpp"
#include "bench/scenarios/deliver.hpp"
#include "bench/scenarios/scenarios.hpp"
#include "bench/sinks/mosquitto.hpp"
#include "bench/sinks/sink.hpp"

#include <fmt/format.h>

#include <map>

namespace signalbox::bench {

namespace {

constexpr const char* destination = R"(
[[destination]]
name = "broker"
kind = "mqtt"
url = "mqtt://127.0.0.1:@TO@"
qos = {})";

/// A field of Qlik's form, from 0; none has a semicolon up to the seventh.
std::string field_of(std::string_view datagram, unsigned i) {
  for (; i > 0; --i)
    datagram.remove_prefix(datagram.find(';') + 1);
  return std::string{datagram.substr(0, datagram.find(';'))};
}

/// What the engine publishes for the samples unless told otherwise.
std::vector<std::pair<std::string, std::string>> sample_messages() {
  const std::map<std::string, std::string> topics{
    {"Start session", "qliksense/session/start"},
    {"Stop session", "qliksense/session/stop"},
    {"Open connection", "qliksense/connection/open"},
    {"Close connection", "qliksense/connection/close"}};
  std::vector<std::pair<std::string, std::string>> xs;
  for (const auto& x : sample_datagrams())
    xs.emplace_back(topics.at(field_of(x, 2)), field_of(x, 1) + ": "
                                                 + field_of(x, 3) + "/"
                                                 + field_of(x, 4));
  return xs;
}

/// The case of one quality of service, without its broker.
delivery_case publishing(const settings& opts, int qos) {
  mqtt_floor floor;
  floor.qos = qos;
  floor.messages = sample_messages();
  delivery_case x;
  x.scenario = "mqtt";
  x.name = fmt::format("qos {}", qos);
  x.rate = opts.smoke ? 5'000 : qos == 0 ? 50'000 : 20'000;
  x.backlog = opts.smoke ? 1'000 : 100'000;
  x.destination = fmt::format(destination, qos);
  x.floor = [floor](const delivery_plan& plan) {
    return run_floor(floor, plan);
  };
  x.task = {.name = "mqtt", .qos = qos};
  return x;
}

} // namespace

result<samples> run_mqtt(const settings& opts) {
  const auto counting = sink::start(take_mqtt);
  if (!counting)
    return tl::unexpected(counting.error());
  const auto real = mosquitto_broker::start(opts.work);
  if (!real)
    return tl::unexpected(real.error());
  samples all;
  const auto add = [&](const result<samples>& xs) {
    if (xs)
      all.insert(all.end(), xs->begin(), xs->end());
    return xs.map([](const auto&) {});
  };
  for (const auto qos : {0, 1}) {
    auto x = publishing(opts, qos);
    const server to{counting->port(), &counting->seen()};
    auto done = add(compare_backlogs(opts, x, take_mqtt, {}));
    if (done)
      done = add(compare_deliveries(opts, x, to));
    // What the broker itself costs is nobody's gain: without peers.
    x.name += ", mosquitto";
    x.task.name.clear();
    if (done)
      done = add(compare_deliveries(opts, x, {real->port()}));
    if (!done)
      return tl::unexpected(done.error());
  }
  return all;
}

} // namespace signalbox::bench
