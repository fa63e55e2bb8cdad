#include "cli/command.hpp"
#include "cli/status_text.hpp"
#include "net/http_client.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <utility>

namespace signalbox::cli {

namespace {

using namespace std::chrono_literals;

struct status_options {
  std::string url = "http://127.0.0.1:9796";
  std::string token_file;
  bool json = false;
};

http_answer get(net::http_client& http, const status_options& options,
                const std::string& token, const std::string& path) {
  http_request request;
  request.method = "GET";
  request.url = options.url + path;
  request.timeout = 5s;
  if (!token.empty())
    request.headers.emplace_back("Authorization", "Bearer " + token);
  std::promise<http_answer> promise;
  http.send(std::move(request),
            [&](http_answer x) { promise.set_value(std::move(x)); });
  return promise.get_future().get();
}

int status(const status_options& options) {
  std::string token;
  if (!options.token_file.empty()) {
    std::ifstream file{options.token_file};
    if (!std::getline(file, token)) {
      fmt::print(stderr, "signalbox status: cannot read a token from {}\n",
                 options.token_file);
      return exit_code::failed;
    }
  }
  net::http_client http{{1, "signalbox/" SIGNALBOX_VERSION}};
  const auto ledger = get(http, options, token, "/api/ledger");
  const auto destinations = get(http, options, token, "/api/destinations");
  for (const auto* x : {&ledger, &destinations})
    if (x->status != 200) {
      fmt::print(stderr, "signalbox status: no engine answers at {}: {}\n",
                 options.url,
                 x->status == 0 ? x->error : fmt::format("HTTP {}", x->status));
      return exit_code::failed;
    }
  if (options.json) {
    fmt::print("{{\"ledger\":{},\"destinations\":{}}}\n", ledger.body,
               destinations.body);
    return exit_code::good;
  }
  const auto text = status_text(ledger.body, destinations.body);
  if (!text) {
    fmt::print(stderr, "signalbox status: {}\n", text.error().what);
    return exit_code::failed;
  }
  fmt::print("{}", text->page);
  return text->balanced ? exit_code::good : exit_code::failed;
}

} // namespace

void add_status(CLI::App& app, action& chosen) {
  auto options = std::make_shared<status_options>();
  auto* command = app.add_subcommand(
    "status", "Print the ledger and the destinations of a running engine");
  command->add_option("--url", options->url, "Its admin interface")
    ->capture_default_str();
  command
    ->add_option("--token-file", options->token_file,
                 "File that holds the admin interface's token")
    ->type_name("FILE");
  command->add_flag("--json", options->json, "Print as JSON");
  command->callback([options, &chosen] {
    chosen = [options] {
      return status(*options);
    };
  });
}

} // namespace signalbox::cli
