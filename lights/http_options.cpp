#include "lights/http_options.hpp"

namespace signalbox::lights {

namespace {

/// Never quotes the URL, which may hold a secret.
void refuse_url(config::section& options, std::string words) {
  options.mistake(options.has("url") ? "url" : "url_file", std::move(words));
}

} // namespace

std::optional<http_endpoint>
read_lan_endpoint(config::section& options,
                  std::chrono::milliseconds patience) {
  auto endpoint = http_endpoint::read(options, {}, patience);
  if (!endpoint)
    return std::nullopt;
  endpoint->pass_proxies();
  if (const auto url = parse_url(endpoint->request("GET", {}).url))
    refuse_path(options, *url);
  return endpoint;
}

void refuse_path(config::section& options, const url_parts& url) {
  if (!url.target.empty() && url.target != "/")
    refuse_url(options, "ends with the address, for the paths are known "
                        "(\"http://192.0.2.30\")");
}

void refuse_query(config::section& options, const url_parts& url) {
  if (url.target.find_first_of("?#") != std::string::npos)
    refuse_url(options, "has a query or a fragment, behind which no path can "
                        "be: leave out what begins with ? or #");
}

lamp_login read_login(config::section& options) {
  lamp_login made;
  made.user = options.text("user", "admin");
  made.password = renewable_secret{options.secret_text("password")};
  if (made.password.empty() && options.has("user"))
    options.mistake("user", "needs a password, or password_file");
  return made;
}

} // namespace signalbox::lights
