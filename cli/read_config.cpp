#include "cli/read_config.hpp"

#include "cli/log_setup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace signalbox::cli {

namespace {

using namespace std::chrono_literals;

// A file that is being written is read again until it stays as it is.
constexpr unsigned most_readings = 20;
constexpr auto pause_between_readings = 50ms;

config::document document_of(const std::string& file) {
  return file.empty()
           ? config::document::embedded()
           : config::document::read(file, config::process_environment());
}

/// Tells whether a file is still the one that was read.
struct file_mark {
  std::filesystem::file_time_type changed;
  std::uintmax_t size = 1; ///< Of what cannot be read: not 0.

  bool operator==(const file_mark&) const = default;
};

file_mark mark_of(const std::string& file) {
  std::error_code error;
  file_mark out;
  const auto changed = std::filesystem::last_write_time(file, error);
  if (error)
    return out;
  const auto size = std::filesystem::file_size(file, error);
  if (!error)
    out = {changed, size};
  return out;
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
                   const std::shared_ptr<const user_agent_rules>& user_agents) {
  for (unsigned reading = 1;; ++reading) {
    const auto before = mark_of(file);
    auto document = document_of(file);
    auto out = make_plan(document, user_agents);
    if (mark_of(file) != before && reading < most_readings) {
      std::this_thread::sleep_for(pause_between_readings);
      continue;
    }
    // To a program that writes it anew, it has been empty for a moment; and
    // without a word, all destinations would be gone.
    if (before.size == 0)
      out.mistakes.push_back({file, 0, 0, "the file is empty"});
    if (out.mistakes.empty())
      set_up_log(document.settings().log);
    return out;
  }
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
