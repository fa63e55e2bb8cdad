#include "bench/micro/sample_events.hpp"

#include "bench/load/samples.hpp"
#include "formats/wire_parser.hpp"

#include <cstdint>
#include <memory>

namespace signalbox::bench {

event_batch_builder sample_events(std::size_t count) {
  const auto texts = sample_datagrams();
  auto wire = std::make_shared<datagram_batch>();
  for (std::size_t i = 0; i < count; ++i) {
    const auto& text = texts[i % texts.size()];
    datagram x;
    x.offset = static_cast<std::uint32_t>(wire->bytes.size());
    x.length = static_cast<std::uint32_t>(text.size());
    x.received = wall_time{std::chrono::seconds{1'700'000'000}};
    wire->items.push_back(x);
    wire->bytes.insert(wire->bytes.end(), text.begin(), text.end());
  }
  wire->bytes.insert(wire->bytes.end(), datagram_batch::padding, '\0');

  static const auto rules =
    user_agent_rules::load("/usr/share/uap-core/regexes.yaml");
  wire_parser::options options;
  if (rules)
    options.user_agents = *rules;
  wire_parser parser{options, id_source{"bench", wall_time{}, 0}};
  auto batch = std::make_shared<event_batch>(wire);
  for (const auto& x : wire->items)
    parser.parse(*wire, x, *batch);
  return batch;
}

} // namespace signalbox::bench
