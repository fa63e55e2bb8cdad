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
qos = {}
)";

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

result<samples> publish(const settings& opts, int qos, std::uint64_t rate,
                        std::string_view broker, const server& to) {
  mqtt_floor floor;
  floor.qos = qos;
  floor.messages = sample_messages();
  delivery_case x;
  x.scenario = "mqtt";
  x.rate = opts.smoke ? 5'000 : rate;
  x.load = fmt::format("{}, qos {}, {}/s", broker, qos, x.rate);
  x.destination = fmt::format(fmt::runtime(destination), qos);
  x.floor = [&](const delivery_plan& plan) {
    return run_floor(floor, plan);
  };
  x.task = {.name = "mqtt", .qos = qos};
  return compare_deliveries(opts, x, to);
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
  for (const auto& [qos, rate] : {std::pair{0, 50'000U}, {1, 20'000U}})
    for (const auto& [name, to] :
         {std::pair{"counting", server{counting->port(), &counting->seen()}},
          {"mosquitto", server{real->port(), nullptr}}}) {
      const auto xs = publish(opts, qos, rate, name, to);
      if (!xs)
        return xs;
      all.insert(all.end(), xs->begin(), xs->end());
    }
  return all;
}

} // namespace signalbox::bench
