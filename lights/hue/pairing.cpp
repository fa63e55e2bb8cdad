#include "lights/hue/pairing.hpp"

#include "endpoints/url.hpp"
#include "lights/hue/answer.hpp"
#include "lights/hue/ids.hpp"
#include "policy/plain_text.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <utility>

namespace signalbox::lights::hue {

namespace {

using namespace std::chrono_literals;
namespace dom = simdjson::dom;

constexpr auto patience_for_an_answer = 2s;
constexpr std::size_t max_said = 200;
constexpr std::size_t max_lamps = 64;
constexpr std::size_t max_name = 40;
constexpr std::size_t max_list = std::size_t{1} << 20U; // bytes

// "devicetype" is "<app>#<instance>", 20 and 19 characters at most (v1 manual,
// "Configuration API").
constexpr std::size_t max_instance = 19;

constexpr std::int64_t button_not_pressed = 101; // v1's error types
constexpr std::int64_t table_full = 301;

http_request request_to(const bridge_address& bridge, std::string_view method,
                        std::string_view path) {
  http_request x;
  x.method = method;
  x.url = bridge.url + std::string{path};
  x.tls = bridge.tls;
  x.timeout = patience_for_an_answer;
  x.direct = true;
  return x;
}

std::vector<known_lamp> v1_lamps_of(const dom::element& document) {
  std::vector<known_lamp> out;
  dom::object lamps;
  if (document.get(lamps) != simdjson::SUCCESS)
    return out;
  for (const auto [id, lamp] : lamps) {
    std::string_view name;
    if (lamp["name"].get(name) == simdjson::SUCCESS)
      out.push_back({std::string{id}, std::string{name}});
  }
  return out;
}

std::vector<known_lamp> v2_lamps_of(const dom::element& document) {
  std::vector<known_lamp> out;
  dom::array lamps;
  if (document["data"].get(lamps) != simdjson::SUCCESS)
    return out;
  for (const auto lamp : lamps) {
    std::string_view id;
    std::string_view name;
    if (lamp["id"].get(id) == simdjson::SUCCESS
        && lamp["metadata"]["name"].get(name) == simdjson::SUCCESS)
      out.push_back({std::string{id}, std::string{name}});
  }
  return out;
}

} // namespace

result<bridge_address> parse_bridge(std::string_view url) {
  const auto parts = parse_url(url);
  if (!parts)
    return tl::unexpected{parts.error()};
  const auto& [scheme, user, password, host, port, target] = *parts;
  if (scheme != "http" && scheme != "https")
    return fail(errc::bad_config, "the URL must start with https:// or "
                                  "http://");
  if (!user.empty() || !password.empty() || (!target.empty() && target != "/"))
    return fail(errc::bad_config, "the URL must be the bridge's alone, such "
                                  "as https://192.0.2.7");
  bridge_address x;
  const auto is_v6 = host.find(':') != std::string::npos;
  x.url = fmt::format("{}://{}{}{}", scheme, is_v6 ? "[" : "", host,
                      is_v6 ? "]" : "");
  if (port != 0)
    x.url += fmt::format(":{}", port);
  return x;
}

std::string instance_name(std::string_view text) {
  std::string out;
  for (const auto c : text)
    if (out.size() < max_instance && c != '~' && is_key({&c, 1}))
      out += c;
  return out.empty() ? "server" : out;
}

pairing::pairing(bridge_address bridge, std::string_view name, mono_time now,
                 duration patience)
  : bridge_(std::move(bridge)),
    body_(
      fmt::format(R"({{"devicetype":"signalbox#{}","generateclientkey":true}})",
                  instance_name(name))),
    next_(now),
    end_(now + patience) {
  // nop
}

std::optional<mono_time> pairing::due() const {
  if (state_ != state::asking)
    return std::nullopt;
  return next_;
}

http_request pairing::ask(mono_time now) {
  next_ = now + interval;
  auto x = request_to(bridge_, "POST", "/api");
  x.headers = {{"Content-Type", "application/json"}};
  x.body = body_;
  return x;
}

void pairing::hear(const http_answer& answer, mono_time now) {
  const auto parsed = parse_v1(answer.body);
  if (answer.status == 0) {
    words_ = one_line(answer.error, max_said);
  } else if (answer.status >= 500 || answer.status == 429) {
    words_ = fmt::format("the bridge failed (HTTP {})", answer.status);
  } else if (answer.status != 200 || !parsed
             || (!parsed->succeeded && parsed->errors.empty())) {
    fail_with(fmt::format("{} is no bridge: its answer (HTTP {}) is not one",
                          bridge_.url, answer.status));
  } else if (parsed->succeeded) {
    if (!is_key(parsed->username))
      fail_with("the bridge gave something that is no key");
    else
      state_ = state::paired;
    key_ = state_ == state::paired ? parsed->username : std::string{};
  } else if (const auto& x = parsed->errors.front();
             x.type == button_not_pressed) {
    words_ = "the button on the bridge was not pressed";
  } else if (x.type == table_full) {
    fail_with("the bridge cannot hold more keys: remove some in its app");
  } else {
    fail_with(fmt::format("the bridge refuses us (error {}, {})", x.type,
                          x.description));
  }
  // When the next question would be too late, this was the last.
  if (state_ == state::asking && std::max(next_, now) >= end_)
    state_ = state::failed;
}

void pairing::fail_with(std::string words) {
  state_ = state::failed;
  words_ = std::move(words);
}

http_request lamps_request(const bridge_address& bridge,
                           const std::string& key) {
  auto x = request_to(bridge, "GET",
                      bridge.speaks_v2() ? "/clip/v2/resource/light"
                                         : "/api/" + key + "/lights");
  if (bridge.speaks_v2())
    x.headers = {{"hue-application-key", key}};
  x.max_answer = max_list;
  return x;
}

std::vector<known_lamp> lamps_of(const bridge_address& bridge,
                                 const http_answer& answer) {
  dom::parser parser;
  dom::element document;
  if (answer.status != 200
      || parser.parse(simdjson::padded_string{answer.body}).get(document)
           != simdjson::SUCCESS)
    return {};
  auto found =
    bridge.speaks_v2() ? v2_lamps_of(document) : v1_lamps_of(document);
  // What is no id must not get into a configuration.
  std::erase_if(found, [&](const known_lamp& x) {
    return bridge.speaks_v2() ? !is_uuid(x.id) : !is_number(x.id);
  });
  if (found.size() > max_lamps)
    found.resize(max_lamps);
  for (auto& x : found)
    x.name = one_line(x.name, max_name);
  return found;
}

std::string config_text(const bridge_address& bridge, const std::string& key,
                        const std::vector<known_lamp>& lamps) {
  const auto v2 = bridge.speaks_v2();
  auto text = fmt::format("[[light]]\nname   = \"hue\"\ndriver = \"hue\"\n"
                          "url    = \"{}\"\nkey    = \"{}\"\n",
                          bridge.url, key);
  if (!bridge.tls.pin.empty())
    text += fmt::format("tls    = {{ pin = \"{}\" }}\n", bridge.tls.pin);
  if (!v2)
    text += "api    = \"v1\"\n";
  const auto* quote = v2 ? "\"" : "";
  auto is_first = true;
  for (const auto& [id, name] : lamps)
    text += fmt::format("{}light  = {}{}{} # {}\n",
                        std::exchange(is_first, false) ? "" : "# ", quote, id,
                        quote, name);
  if (lamps.empty())
    text += "# light = the lamp; the bridge did not tell which it has\n";
  return text;
}

} // namespace signalbox::lights::hue
