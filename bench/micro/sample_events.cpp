#include "bench/micro/sample_events.hpp"

#include "bench/load/samples.hpp"

#include <cstdint>
#include <memory>

namespace signalbox::bench {

datagram_batch_ptr wire_of(const std::vector<std::string>& texts,
                           std::size_t count, std::size_t from) {
  auto wire = std::make_shared<datagram_batch>();
  for (std::size_t i = 0; i < count; ++i) {
    const auto& text = texts[(from + i) % texts.size()];
    datagram x;
    x.offset = static_cast<std::uint32_t>(wire->bytes.size());
    x.length = static_cast<std::uint32_t>(text.size());
    x.received = wall_time{std::chrono::seconds{1'700'000'000}};
    wire->items.push_back(x);
    wire->bytes.insert(wire->bytes.end(), text.begin(), text.end());
  }
  wire->bytes.insert(wire->bytes.end(), datagram_batch::padding, '\0');
  return wire;
}

wire_parser::options parser_options() {
  static const auto rules =
    user_agent_rules::load("/usr/share/uap-core/regexes.yaml");
  wire_parser::options options;
  if (rules)
    options.user_agents = *rules;
  return options;
}

event_batch_builder sample_events(std::size_t count) {
  const auto wire = wire_of(sample_datagrams(), count);
  wire_parser parser{parser_options(), id_source{"bench", wall_time{}, 0}};
  auto batch = std::make_shared<event_batch>(wire);
  for (const auto& x : wire->items)
    parser.parse(*wire, x, *batch);
  return batch;
}

} // namespace signalbox::bench
