#include "lights/discovery/search.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>

namespace signalbox::lights {

namespace {

// Numbers and places are those of LIFX's protocol.yml and of
// lan.developer.lifx.com, "Packet contents". Little-endian throughout.
constexpr std::uint16_t usual_port = 56700;
constexpr std::size_t header_size = 36;
constexpr std::size_t state_service_size = header_size + 5;
constexpr std::uint32_t get_service = 2;
constexpr std::uint32_t state_service = 3;
constexpr std::uint32_t protocol = 1024;
constexpr std::uint32_t addressable = 1U << 12U;
constexpr std::uint32_t tagged = 1U << 13U;
constexpr std::uint32_t udp_service = 1;

void put(std::string& out, std::size_t at, std::uint32_t value,
         std::size_t size) {
  for (std::size_t i = 0; i < size; ++i)
    out[at + i] = static_cast<char>(value >> 8U * i);
}

std::uint32_t get(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < size; ++i)
    out |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i]))
           << 8U * i;
  return out;
}

std::string question(search_id source, unsigned sequence) {
  std::string out(header_size, '\0');
  put(out, 0, header_size, 2);
  put(out, 2, protocol | addressable | tagged, 2);
  put(out, 4, source, 4);
  put(out, 23, sequence, 1);
  put(out, 32, get_service, 2);
  return out;
}

/// "d0:73:d5:00:13:37": the first six bytes of the target.
std::string mac_of(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 8; i < 14; ++i)
    out += fmt::format("{}{:02x}", out.empty() ? "" : ":", get(bytes, i, 1));
  return out;
}

std::optional<finding> read_answer(search_id source, const endpoint& from,
                                   std::string_view bytes) {
  if (bytes.size() != state_service_size || get(bytes, 0, 2) != bytes.size()
      || (get(bytes, 2, 2) & 0xfffU) != protocol || get(bytes, 4, 4) != source
      || get(bytes, 32, 2) != state_service
      || get(bytes, header_size, 1) != udp_service)
    return std::nullopt;
  const auto port = get(bytes, header_size + 1, 4);
  if (port == 0 || port > 65'535)
    return std::nullopt;
  const auto mac = mac_of(bytes);
  const auto host = address_text(from);
  finding out{.driver = "lifx",
              .name = fmt::format("lifx-{}{}{}", mac.substr(9, 2),
                                  mac.substr(12, 2), mac.substr(15, 2)),
              .what = fmt::format("LIFX {}", mac),
              .where = host,
              .settings = {{"mac", mac}},
              .remarks = {}};
  out.settings.push_back(
    {"address", port == usual_port ? host : fmt::format("{}:{}", host, port)});
  return out;
}

class lifx_search final : public search {
public:
  explicit lifx_search(search_id source) : source_(source) {
    // nop
  }

  [[nodiscard]] net::audience to() const override {
    return {.group = {}, .port = usual_port, .hops = 1};
  }

  std::vector<std::string> questions(unsigned round) override {
    if (!net::asks_everybody(round))
      return {};
    return {question(source_, round)};
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
