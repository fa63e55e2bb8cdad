#include "lights/discovery/search.hpp"
#include "lights/lifx/packet.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>

namespace signalbox::lights {

namespace {

std::optional<finding> read_answer(search_id source, const endpoint& from,
                                   std::string_view bytes) {
  const auto said = lifx::parse(bytes);
  if (!said || said->to.source != source
      || said->type != static_cast<std::uint16_t>(lifx::answer_type::service))
    return std::nullopt;
  const auto port = lifx::service_port(said->payload);
  if (!port)
    return std::nullopt;
  const auto mac = lifx::to_string(said->from);
  const auto host = address_text(from);
  finding out{.driver = "lifx",
              .name = fmt::format("lifx-{}{}{}", mac.substr(9, 2),
                                  mac.substr(12, 2), mac.substr(15, 2)),
              .what = fmt::format("LIFX {}", mac),
              .where = host,
              .settings = {{"mac", mac}},
              .remarks = {}};
  out.settings.push_back({"address", *port == lifx::default_port
                                       ? host
                                       : fmt::format("{}:{}", host, *port)});
  return out;
}

class lifx_search final : public search {
public:
  explicit lifx_search(search_id source) : source_(source) {
    // nop
  }

  [[nodiscard]] net::audience to() const override {
    return {.group = {}, .port = lifx::default_port, .hops = 1};
  }

  std::vector<std::string> questions(unsigned round) override {
    if (!net::asks_everybody(round))
      return {};
    return {lifx::get_service({source_, static_cast<std::uint8_t>(round)})};
  }

  void hear(const endpoint& from, std::string_view bytes) override {
    auto x = read_answer(source_, from, bytes);
    if (x && found_.size() < max_findings)
      found_.try_emplace(x->settings.front().value, std::move(*x));
  }

  [[nodiscard]] std::vector<finding> found() const override {
    std::vector<finding> out;
    for (const auto& [mac, x] : found_)
      out.push_back(x);
    return out;
  }

private:
  search_id source_;
  std::map<std::string, finding> found_; ///< By MAC address.
};

} // namespace

search_ptr make_lifx_search(search_id id) {
  return std::make_unique<lifx_search>(id);
}

} // namespace signalbox::lights
