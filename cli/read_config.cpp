#include "cli/read_config.hpp"

#include "cli/log_setup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

namespace signalbox::cli {

namespace {

config::document document_of(const std::string& file) {
  return file.empty()
           ? config::document::embedded()
           : config::document::read(file, config::process_environment());
}

/// Whether a mistake is in a part of the file that says nothing of where the
/// engine lives.
bool is_elsewhere(const config::diagnostic& x) {
  constexpr std::array parts{
    std::string_view{"apps"},        std::string_view{"cluster"},
    std::string_view{"destination"}, std::string_view{"duplicates"},
    std::string_view{"exclude"},     std::string_view{"light"},
    std::string_view{"limit"},       std::string_view{"listen"},
    std::string_view{"log"},         std::string_view{"sessions"},
  };
  const auto part = std::string_view{x.message}.substr(
    0, x.message.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"));
  return std::ranges::find(parts, part) != parts.end();
}

} // namespace

std::optional<engine_home> read_home(const std::string& file) {
  auto document = document_of(file);
  auto mistakes = document.finish();
  std::erase_if(mistakes, is_elsewhere);
  for (const auto& x : mistakes)
    fmt::print(stderr, "{}\n", to_string(x));
  if (!mistakes.empty())
    return std::nullopt;
  const auto& settings = document.settings();
  return engine_home{settings.admin, settings.node.data_dir,
                     settings.journal.store};
}

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
