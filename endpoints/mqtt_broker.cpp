#include "endpoints/mqtt_broker.hpp"

#include "endpoints/url.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox {

namespace {

constexpr std::uint16_t plain_port = 1883;
constexpr std::uint16_t tls_port = 8883;
constexpr std::size_t max_topic = 65'535; // bytes

void check_text(config::section& options, std::string_view key,
                std::string_view what, const std::string& x) {
  if (!net::is_mqtt_text(x))
    options.mistake(key, "the " + std::string{what}
                           + " must be UTF-8 without control characters; in "
                             "a URL, \"é\" is %C3%A9");
}

} // namespace

net::mqtt_options read_broker(config::section& options) {
  net::mqtt_options broker;
  const auto url = options.secret_text("url");
  const auto where = options.has("url_file") ? "url_file" : "url";
  const auto username = options.text("username");
  const auto password = options.secret_text("password");
  broker.client_id = options.text("client_id");
  const auto nested = options.has("tls");
  const auto tls = options.tls(nested ? "tls" : "");
  const auto parts = parse_url(url.reveal());
  if (url.empty()) {
    options.mistake("url", "is required: the broker, such as "
                           "\"mqtt://broker.example:1883\"");
    return broker;
  }
  if (!parts) {
    options.mistake(where, parts.error().what);
    return broker;
  }
  const auto secure = parts->scheme == "mqtts";
  if (!secure && parts->scheme != "mqtt")
    options.mistake(where, "the URL must start with mqtt:// or mqtts://");
  if (!parts->target.empty() && parts->target != "/")
    options.mistake(where, "the URL ends after the port: topics have a table "
                           "of their own");
  if (!secure && tls != tls_options{})
    options.mistake(where, "ca, cert, key and verify need mqtts://, which "
                           "encrypts");
  if (!tls.pin.empty())
    options.mistake(nested ? "tls" : "pin", "pin is for https:// only; give "
                                            "the broker's certificate as ca");
  broker.host = parts->host;
  broker.port = parts->port != 0 ? parts->port : secure ? tls_port : plain_port;
  broker.username = username.empty() ? parts->username : username;
  broker.password = password.empty() ? parts->password : password.reveal();
  if (broker.username.empty() && !broker.password.empty())
    options.mistake("password", "needs a username");
  if (secure)
    broker.tls = tls;
  check_text(options, username.empty() ? where : "username", "user name",
             broker.username);
  check_text(options,
             password.empty()               ? where
             : options.has("password_file") ? "password_file"
                                            : "password",
             "password", broker.password);
  check_text(options, "client_id", "client id", broker.client_id);
  return broker;
}

namespace mqtt {

result<void> check_topic(std::string_view topic) {
  if (topic.empty())
    return fail(errc::bad_config, "the topic is empty");
  if (topic.size() > max_topic)
    return fail(errc::bad_config, "the topic exceeds 65,535 bytes");
  if (std::ranges::any_of(
        topic, [](char x) { return x == '+' || x == '#' || x == '\0'; }))
    return fail(errc::bad_config, "the topic has a wildcard ('+' or '#'), "
                                  "which is for subscriptions only");
  return {};
}

} // namespace mqtt

} // namespace signalbox
