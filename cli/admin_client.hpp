// Asking a running engine through its admin interface, as several commands do.
#pragma once

#include "config/config.hpp"
#include "messages/delivery.hpp"
#include "messages/failure.hpp"
#include "net/http_client.hpp"

#include <map>
#include <string>
#include <string_view>

namespace CLI {
class App;
} // namespace CLI

namespace signalbox::cli {

/// Which engine.
struct engine_options {
  std::string url; ///< Empty: as the configuration says, or the default.
  std::string token_file;
  std::string config; ///< Empty: none was named.
};

/// `--url`, `--token-file` and `--config`.
void add_engine_options(CLI::App& command, engine_options& to);

/// Where an engine with this configuration answers; empty if it does not.
std::string url_of(const config::admin_config& x);

class admin_client {
public:
  /// Reads the token, from its file or from the configuration. Fails with
  /// `errc::bad_config` when the configuration has been found wanting (it has
  /// been said how), or names no admin interface.
  static result<admin_client> of(const engine_options& options);

  admin_client(std::string url, std::string token)
    : url_(std::move(url)), token_(std::move(token)) {
    // nop
  }

  [[nodiscard]] http_answer get(const std::string& path) const;

  /// May take a while: files are read, disks are written.
  [[nodiscard]] http_answer post(const std::string& path) const;

  /// Why an answer is not what was hoped for; empty if it is.
  [[nodiscard]] std::string words_for(const http_answer& x) const;

  [[nodiscard]] const std::string& url() const noexcept {
    return url_;
  }

private:
  [[nodiscard]] http_answer ask(http_request request) const;

  std::string url_;
  std::string token_;
};

/// "?a=b&c=d", or nothing; what is not harmless in a URL is escaped.
std::string query_of(const std::multimap<std::string, std::string>& params);

} // namespace signalbox::cli
