#include "cli/command.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <string>
#include <string_view>

namespace signalbox::cli {

namespace {

/// Text as roff: what would start a request or an escape is escaped.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if ((c == '.' || c == '\'') && out.empty())
      out += fmt::format("\\&{}", c);
    else
      out += c;
  }
  return out;
}

void print_options(const CLI::App& app) {
  for (const auto* x : app.get_options()) {
    const auto value = x->get_type_size() > 0
                         ? fmt::format(" \\fI{}\\fR", roff(x->get_type_name()))
                         : std::string{};
    const auto fallback = x->get_default_str();
    fmt::print(".TP\n\\fB{}\\fR{}\n{}{}\n", roff(x->get_name(false, true)),
               value, roff(x->get_description()),
               fallback.empty()
                 ? std::string{}
                 : fmt::format(" (default: {})", roff(fallback)));
  }
}

void print_commands(const CLI::App& of, const std::string& before) {
  for (const auto* x : of.get_subcommands(
         [](const CLI::App* a) { return !a->get_group().empty(); })) {
    const auto name = before + x->get_name();
    fmt::print(".SS {}\n{}\n", roff(name), roff(x->get_description()));
    print_options(*x);
    print_commands(*x, name + " ");
  }
}

/// The same text as --help, as a page for man(1).
int man(const CLI::App& app) {
  fmt::print(".TH SIGNALBOX 1 \"\" \"signalbox {}\" \"User Commands\"\n"
             ".SH NAME\nsignalbox \\- event engine for Qlik Sense user "
             "activity\n"
             ".SH SYNOPSIS\n.B signalbox\n\\fICOMMAND\\fR [\\fIOPTION\\fR]...\n"
             ".SH DESCRIPTION\n{}\n.SH OPTIONS\n",
             SIGNALBOX_VERSION, roff(app.get_description()));
  print_options(app);
  fmt::print(".SH COMMANDS\n");
  print_commands(app, "");
  fmt::print(".SH EXIT STATUS\n{}\n", roff(app.get_footer()));
  return exit_code::good;
}

} // namespace

void add_man(CLI::App& app, action& chosen) {
  auto* command = app.add_subcommand("man", "Print this manual as roff");
  command->group(""); // Hidden: packaging calls it.
  command->callback([&] {
    chosen = [&app] {
      return man(app);
    };
  });
}

} // namespace signalbox::cli
