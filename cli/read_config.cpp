#include "cli/read_config.hpp"

#include "cli/log_setup.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

namespace signalbox::cli {

std::optional<readied> read_config(const std::string& file) {
  auto document =
    file.empty() ? config::document::embedded()
                 : config::document::read(file, config::process_environment());
  set_up_log(document.settings().log);
  auto [plan, mistakes] = make_plan(document);
  for (const auto& x : mistakes)
    fmt::print(stderr, "{}\n", to_string(x));
  if (!mistakes.empty()) {
    fmt::print(stderr, "{} mistake{}; nothing was started\n", mistakes.size(),
               mistakes.size() == 1 ? "" : "s");
    return std::nullopt;
  }
  return readied{std::move(document), std::move(plan)};
}

} // namespace signalbox::cli
