#include "cli/read_config.hpp"

#include "cli/log_setup.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

namespace signalbox::cli {

namespace {

config::document document_of(const std::string& file) {
  return file.empty()
           ? config::document::embedded()
           : config::document::read(file, config::process_environment());
}

} // namespace

planned plan_again(const std::string& file,
                   std::shared_ptr<const user_agent_rules> user_agents) {
  auto document = document_of(file);
  auto out = make_plan(document, std::move(user_agents));
  if (out.mistakes.empty())
    set_up_log(document.settings().log);
  return out;
}

std::optional<readied> read_config(const std::string& file) {
  auto document = document_of(file);
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
