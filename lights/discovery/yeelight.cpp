#include "config/address.hpp"
#include "lights/discovery/search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

namespace signalbox::lights {

namespace {

constexpr std::string_view question = "M-SEARCH * HTTP/1.1\r\n"
                                      "HOST: 239.255.255.250:1982\r\n"
                                      "MAN: \"ssdp:discover\"\r\n"
                                      "ST: wifi_bulb\r\n";

constexpr std::uint16_t usual_port = 55443;
constexpr std::size_t max_headers = 64;

std::string_view trim(std::string_view x) {
  const auto first = x.find_first_not_of(" \t\r");
  if (first == std::string_view::npos)
    return {};
  return x.substr(first, x.find_last_not_of(" \t\r") - first + 1);
}

std::string lower(std::string_view x) {
  std::string out{x};
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

using headers = std::map<std::string, std::string_view>;

/// The headers of a `200 OK`, by name in lower case; nothing if it is none.
std::optional<headers> parse_answer(std::string_view bytes) {
  const auto next_line = [&bytes] {
    const auto line = bytes.substr(0, bytes.find('\n'));
    bytes.remove_prefix(std::min(bytes.size(), line.size() + 1));
    return trim(line);
  };
  if (!next_line().starts_with("HTTP/1.1 200"))
    return std::nullopt;
  headers out;
  while (!bytes.empty() && out.size() < max_headers) {
    const auto line = next_line();
    if (const auto colon = line.find(':'); colon != std::string_view::npos)
      out.try_emplace(lower(trim(line.substr(0, colon))),
                      trim(line.substr(colon + 1)));
  }
  return out;
}

/// From "yeelight://192.0.2.9:55443".
std::optional<config::address> address_of(std::string_view location) {
  constexpr std::string_view scheme = "yeelight://";
  if (!location.starts_with(scheme))
    return std::nullopt;
  const auto x = config::parse_address(location.substr(scheme.size()));
  if (!x || x->port == 0 || x->host.find(':') != std::string::npos)
    return std::nullopt;
  return *x;
}

bool has_word(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const auto one = words.substr(0, words.find(' '));
    if (one == word)
      return true;
    words.remove_prefix(std::min(words.size(), one.size() + 1));
  }
  return false;
}

std::optional<finding> read_answer(std::string_view bytes) {
  auto answer = parse_answer(bytes);
  if (!answer)
    return std::nullopt;
  const auto at = address_of((*answer)["location"]);
  if (!at)
    return std::nullopt;
  const auto id = (*answer)["id"];
  const auto tail = id.substr(id.size() - std::min<std::size_t>(6, id.size()));
  finding out{.driver = "yeelight",
              .name = fmt::format("yeelight-{}", tail),
              .what = fmt::format("Yeelight {} {}", (*answer)["model"], id),
              .where = at->host,
              .settings = {},
              .remarks = {}};
  out.settings.push_back(
    {"address", at->port == usual_port
                  ? at->host
                  : fmt::format("{}:{}", at->host, at->port)});
  if (!has_word((*answer)["support"], "set_rgb"))
    out.remarks.emplace_back("It shows no colors, only brightness");
  return out;
}

class yeelight_search final : public search {
public:
  [[nodiscard]] net::audience to() const override {
    return {.group = "239.255.255.250", .port = 1982, .hops = 1};
  }

  std::vector<std::string> questions(unsigned round) override {
    if (!net::asks_everybody(round))
      return {};
    return {std::string{question}};
  }

  void hear(const endpoint&, std::string_view bytes) override {
    auto x = read_answer(bytes);
    if (x && found_.size() < max_findings)
      found_.try_emplace(x->settings.front().value, std::move(*x));
  }

  [[nodiscard]] std::vector<finding> found() const override {
    std::vector<finding> out;
    for (const auto& [address, x] : found_)
      out.push_back(x);
    return out;
  }

private:
  std::map<std::string, finding> found_; ///< By address.
};

} // namespace

search_ptr make_yeelight_search(search_id) {
  return std::make_unique<yeelight_search>();
}

} // namespace signalbox::lights
