#include "cli/command.hpp"
#include "cli/letter_desk.hpp"
#include "cli/letter_text.hpp"
#include "config/units.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <string>
#include <unistd.h>

#include <sys/ioctl.h>

namespace signalbox::cli {

namespace {

struct letter_options {
  letter_desk_options where;
  std::uint64_t id = 0;
  std::string destination;
  std::string reason;
  std::string older_than;
  bool all = false;
  bool json = false;
  std::uint32_t limit = 100;
};

letter_params params_of(const letter_options& x) {
  letter_params out;
  if (x.id != 0)
    out.emplace("id", std::to_string(x.id));
  if (!x.destination.empty())
    out.emplace("destination", x.destination);
  if (!x.reason.empty())
    out.emplace("reason", x.reason);
  if (!x.older_than.empty())
    out.emplace("older_than", x.older_than);
  return out;
}

/// Of the terminal; 0 if there is none.
std::size_t columns() {
  winsize size{};
  if (::isatty(STDOUT_FILENO) == 0
      || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
    return 0;
  return size.ws_col;
}

std::string letters_text(std::uint64_t n) {
  return fmt::format("{} dead letter{}", n, n == 1 ? "" : "s");
}

int explain(const failure& x) {
  if (!x.what.empty())
    fmt::print(stderr, "signalbox dead-letters: {}\n", x.what);
  switch (x.kind) {
  case errc::bad_config:
    return exit_code::bad_config;
  case errc::usage:
    return exit_code::usage;
  default:
    return exit_code::failed;
  }
}

int list(letter_desk& desk, const letter_options& options) {
  const auto found = desk.list(params_of(options), options.limit);
  if (!found)
    return explain(found.error());
  if (options.json) {
    fmt::print("{{\"total\":{},\"letters\":[{}]}}\n", found->total,
               fmt::join(found->letters, ","));
    return exit_code::good;
  }
  if (found->letters.empty()) {
    fmt::print("{}\n", params_of(options).empty() ? "There are no dead letters."
                                                  : "No dead letter matches.");
    return exit_code::good;
  }
  const auto table =
    letter_table(*found, std::chrono::system_clock::now(), columns());
  if (!table)
    return explain(table.error());
  fmt::print("{}", *table);
  if (found->letters.size() < found->total)
    fmt::print("{} of {}; --limit shows more\n", found->letters.size(),
               letters_text(found->total));
  else
    fmt::print("{}\n", letters_text(found->total));
  return exit_code::good;
}

int show(letter_desk& desk, const letter_options& options) {
  const auto found = desk.list(params_of(options), 1);
  if (!found)
    return explain(found.error());
  if (found->letters.empty())
    return explain(
      {errc::network, fmt::format("there is no dead letter {}", options.id)});
  if (options.json) {
    fmt::print("{}\n", found->letters.front());
    return exit_code::good;
  }
  const auto text =
    letter_page_text(found->letters.front(), std::chrono::system_clock::now());
  if (!text)
    return explain(text.error());
  fmt::print("{}", *text);
  return exit_code::good;
}

int tell(const result<std::uint64_t>& letters, const letter_options& options,
         std::string_view becomes) {
  if (!letters)
    return explain(letters.error());
  if (options.json)
    fmt::print("{{\"letters\":{}}}\n", *letters);
  else if (*letters == 0)
    fmt::print("No dead letter matches.\n");
  else
    fmt::print("{} {}\n", letters_text(*letters), becomes);
  // Whoever names one letter wants to hear that it is not there.
  return *letters == 0 && options.id != 0 ? exit_code::failed : exit_code::good;
}

int retry(letter_desk& desk, const letter_options& options) {
  return tell(desk.retry(params_of(options)), options,
              desk.is_running() ? "will be sent again now."
                                : "will be sent again when the engine starts.");
}

int purge(letter_desk& desk, const letter_options& options) {
  auto which = params_of(options);
  if (options.all)
    which.emplace("all", "true");
  if (which.empty())
    return explain({errc::usage,
                    "say which to delete: --id, --destination, --reason or "
                    "--older-than; or --all"});
  return tell(desk.purge(which), options, "deleted.");
}

std::string no_duration(const std::string& text) {
  const auto x = config::parse_duration(text);
  return x ? std::string{} : "'" + text + "' " + x.error().what;
}

void add_filters(CLI::App& command, letter_options& o) {
  command
    .add_option("--destination", o.destination, "Only of this destination")
    ->type_name("NAME");
  command.add_option("--reason", o.reason, "Only given up for this reason")
    ->check(CLI::IsMember{{"refused", "exhausted", "unavailable"}})
    ->type_name("REASON");
  command
    .add_option("--older-than", o.older_than,
                "Only given up longer ago than this: 30m, 12h, 2d")
    ->check(CLI::Validator{no_duration, ""})
    ->type_name("TIME");
}

void add_id(CLI::App& command, const char* name, letter_options& o) {
  command.add_option(name, o.id, "The number that 'list' shows")
    ->check(CLI::PositiveNumber)
    ->type_name("ID");
}

void add_common(CLI::App& command, letter_options& o) {
  add_engine_options(command, o.where.engine);
  command
    .add_option("--data-dir", o.where.data_dir,
                "Look into the journal there, of an engine that does not run")
    ->type_name("DIR");
  command.add_flag("--json", o.json, "Print as JSON");
}

using letter_action = int (*)(letter_desk&, const letter_options&);

void set_action(CLI::App& command, std::shared_ptr<letter_options> options,
                action& chosen, letter_action what) {
  command.callback([options = std::move(options), &chosen, what] {
    chosen = [options, what] {
      auto desk = open_letters(options->where);
      return desk ? what(**desk, *options) : explain(desk.error());
    };
  });
}

} // namespace

void add_dead_letters(CLI::App& app, action& chosen) {
  auto* command = app.add_subcommand(
    "dead-letters", "Look at events that a destination gave up, send them "
                    "again, or delete them");
  command->require_subcommand(1);
  const auto add = [&](const char* name, const char* what, auto set_up,
                       letter_action act) {
    auto options = std::make_shared<letter_options>();
    auto* x = command->add_subcommand(name, what);
    set_up(*x, *options);
    add_common(*x, *options);
    set_action(*x, std::move(options), chosen, act);
  };
  add(
    "list", "List them, the oldest first",
    [](CLI::App& x, letter_options& o) {
      add_filters(x, o);
      add_id(x, "--id", o);
      x.add_option("--limit", o.limit, "Show at most so many")
        ->capture_default_str()
        ->check(CLI::Range(std::uint32_t{1}, std::uint32_t{100'000}));
    },
    list);
  add(
    "show", "Print all that is known of one",
    [](CLI::App& x, letter_options& o) {
      add_id(x, "id", o);
      x.get_option("id")->required();
    },
    show);
  const auto add_filters_or_all = [](CLI::App& x, letter_options& o) {
    add_filters(x, o);
    add_id(x, "--id", o);
    x.add_flag("--all", o.all, "All of them")
      ->excludes("--id")
      ->excludes("--destination")
      ->excludes("--reason")
      ->excludes("--older-than");
  };
  add("retry", "Send them again; without a filter, all", add_filters_or_all,
      retry);
  add("purge", "Delete them for good", add_filters_or_all, purge);
}

} // namespace signalbox::cli
