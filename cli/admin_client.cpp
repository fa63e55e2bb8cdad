#include "cli/admin_client.hpp"

#include "cli/read_config.hpp"
#include "policy/plain_text.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <fstream>
#include <future>
#include <iterator>
#include <memory>
#include <utility>

namespace signalbox::cli {

namespace {

using namespace std::chrono_literals;

constexpr auto default_url = "http://127.0.0.1:9796";
constexpr auto get_within = 10s;
constexpr auto post_within = 40s; // Longer than the engine itself waits.
constexpr auto max_answer = std::size_t{16} << 20U;
constexpr std::size_t shown_characters = 300;

result<std::string> read_token(const std::string& path) {
  std::ifstream file{path};
  std::string token;
  if (!std::getline(file, token))
    return fail(errc::file, fmt::format("cannot read a token from {}", path));
  if (token.ends_with('\r'))
    token.pop_back();
  return token;
}

bool is_local(std::string_view url) {
  return url.starts_with("http://127.") || url.starts_with("http://[::1]")
         || url.starts_with("http://localhost");
}

} // namespace

void add_engine_options(CLI::App& command, engine_options& to) {
  command
    .add_option("--url", to.url,
                fmt::format("The engine's admin interface (default: that of "
                            "the configuration, or {})",
                            default_url))
    ->type_name("URL");
  command
    .add_option("--token-file", to.token_file,
                "File that holds the admin interface's token")
    ->type_name("FILE");
  command
    .add_option("--config,-c", to.config,
                "The engine's configuration file, to find it by")
    ->type_name("FILE");
}

std::string url_of(const config::admin_config& x) {
  if (x.host.empty())
    return {};
  const auto host = x.host == "0.0.0.0" ? "127.0.0.1"
                    : x.host == "::"    ? "::1"
                                        : x.host;
  const bool is_v6 = host.find(':') != std::string::npos;
  return fmt::format("http://{}{}{}:{}", is_v6 ? "[" : "", host,
                     is_v6 ? "]" : "", x.port);
}

result<admin_client> admin_client::of(const engine_options& options) {
  admin_client out{options.url, {}};
  if (!options.config.empty()) {
    const auto home = read_home(options.config);
    if (!home)
      return fail(errc::bad_config, {});
    if (out.url_.empty())
      out.url_ = url_of(home->admin);
    if (out.url_.empty())
      return fail(errc::bad_config,
                  fmt::format("{} turns the admin interface off (admin.listen "
                              "= \"\")",
                              options.config));
    out.token_ = home->admin.token.reveal();
  }
  if (out.url_.empty())
    out.url_ = default_url;
  if (!options.token_file.empty()) {
    auto token = read_token(options.token_file);
    if (!token)
      return tl::unexpected{token.error()};
    out.token_ = std::move(*token);
  }
  return out;
}

http_answer admin_client::get(const std::string& path) const {
  http_request x;
  x.method = "GET";
  x.url = url_ + path;
  x.timeout = get_within;
  return ask(std::move(x));
}

http_answer admin_client::post(const std::string& path) const {
  http_request x;
  x.method = "POST";
  x.url = url_ + path;
  x.timeout = post_within;
  return ask(std::move(x));
}

http_answer admin_client::ask(http_request request) const {
  request.max_answer = max_answer;
  // A proxy elsewhere would look for the engine on its own machine.
  request.direct = is_local(url_);
  if (!token_.empty())
    request.headers.emplace_back("Authorization", "Bearer " + token_);
  net::http_client http{{1, "signalbox/" SIGNALBOX_VERSION}};
  std::promise<http_answer> promise;
  http.send(std::move(request),
            [&](http_answer x) { promise.set_value(std::move(x)); });
  return promise.get_future().get();
}

std::string admin_client::words_for(const http_answer& x) const {
  if (x.status == 200)
    return {};
  if (x.status == 0)
    return "no engine answers: " + x.error;
  if (x.status == 401)
    return fmt::format("the engine at {} asks for its token: name the file "
                       "with --token-file, or the configuration with --config",
                       url_);
  return fmt::format("the engine at {} says: {} (HTTP {})", url_,
                     one_line(x.body, shown_characters), x.status);
}

std::string query_of(const std::multimap<std::string, std::string>& params) {
  std::string out;
  const auto append = [&](std::string_view text) {
    constexpr std::string_view harmless = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "abcdefghijklmnopqrstuvwxyz"
                                          "0123456789-._~";
    for (const char c : text)
      if (harmless.find(c) != std::string_view::npos)
        out += c;
      else
        fmt::format_to(std::back_inserter(out), "%{:02X}",
                       static_cast<unsigned char>(c));
  };
  for (const auto& [name, value] : params) {
    out += out.empty() ? '?' : '&';
    append(name);
    out += '=';
    append(value);
  }
  return out;
}

} // namespace signalbox::cli
