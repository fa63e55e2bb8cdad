#include "cli/status_text.hpp"

#include "policy/plain_text.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <cstdint>
#include <iterator>
#include <string>

namespace signalbox::cli {

namespace {

using simdjson::dom::element;

constexpr std::size_t name_width = 24;
constexpr std::size_t error_characters = 100;

std::uint64_t number(const element& of, std::string_view key) {
  return of[key].get_uint64().value();
}

std::string text(const element& of, std::string_view key) {
  return one_line(of[key].get_string().value(), error_characters);
}

std::string ledger_part(const element& ledger, bool balanced) {
  const auto ingest = ledger["ingest"].value();
  const auto rejected = ingest["rejected"].value();
  const auto events = ledger["events"].value();
  return fmt::format(
    "The books {}.\n\n"
    "datagrams  received {}, kernel dropped {}, parsed {}\n"
    "rejected   malformed {}, oversized {}, source {}, encoding {}\n"
    "events     parsed {}, excluded {}, duplicate {}, limited {}, shed {}, "
    "journaled {}\n",
    balanced ? "balance" : "DO NOT BALANCE", number(ingest, "received"),
    number(ingest, "kernel_dropped"), number(ingest, "parsed"),
    number(rejected, "malformed"), number(rejected, "oversized"),
    number(rejected, "source"), number(rejected, "encoding"),
    number(events, "parsed"), number(events, "excluded"),
    number(events, "duplicate"), number(events, "limited"),
    number(events, "shed"), number(events, "journaled"));
}

std::string kibibytes(std::uint64_t bytes) {
  return fmt::format("{} KiB", (bytes + 1023) / 1024);
}

std::string journal_line(const element& x) {
  auto out =
    fmt::format("journal    {}: {} event(s) kept, {} on disk, {} in memory\n",
                text(x, "state"), number(x, "next") - number(x, "oldest"),
                kibibytes(number(x, "bytes_on_disk")),
                kibibytes(number(x, "bytes_in_memory")));
  if (const auto dropped = number(x, "dropped"); dropped > 0)
    out +=
      fmt::format("           {} event(s) dropped by its bounds\n", dropped);
  if (const auto why = text(x, "last_error"); !why.empty())
    out += fmt::format("           {}\n", why);
  return out;
}

// Few servers are the rule, and any number is possible.
std::string sessions_line(const element& x) {
  if (x.is_null())
    return "active     not known yet\n";
  constexpr std::size_t most_servers = 10;
  constexpr std::size_t name_characters = 40;
  auto out = fmt::format("active     {} user(s), {} session(s), {} "
                         "connection(s)",
                         number(x, "total"), number(x, "sessions"),
                         number(x, "connections"));
  std::size_t servers = 0;
  const auto all = x["servers"].get_object().value();
  for (const auto [name, users] : all)
    if (servers++ < most_servers)
      out += fmt::format("{} {} on {}", servers == 1 ? ":" : ",",
                         users.get_uint64().value(),
                         one_line(name, name_characters));
  if (servers > most_servers)
    out += fmt::format(", and {} more servers", servers - most_servers);
  return out + "\n";
}

std::string destination_line(const element& x, const element& ledger) {
  const auto name = text(x, "name");
  const auto error = text(x, "last_error");
  element terms;
  const bool has_terms =
    ledger["destinations"][name].get(terms) == simdjson::SUCCESS;
  const auto term = [&](std::string_view key) {
    return has_terms ? number(terms, key) : 0;
  };
  return fmt::format("{:<{}} {:<9} {:>10} {:>8} {:>8} {:>8} {:>8} {:>8}{}{}\n",
                     name, name_width, text(x, "state"), term("delivered"),
                     term("folded"), term("waiting"), term("in_flight"),
                     term("dead_lettered"), term("expired") + term("dropped"),
                     error.empty() ? "" : "  ", error);
}

std::string light_line(const element& x) {
  const auto shows = x["shows"].value();
  const auto error = text(x, "last_error");
  return fmt::format("{:<{}} {:<13} {} {}{}{}\n", text(x, "name"), name_width,
                     text(x, "state"), text(shows, "show"),
                     text(shows, "color"), error.empty() ? "" : "  ", error);
}

std::string lights_part(const element& lights) {
  std::string out;
  const auto rows = lights["lights"].get_array().value();
  for (const auto x : rows) {
    if (out.empty())
      out = fmt::format("\n{:<{}} {:<13} {}\n", "lamp", name_width, "state",
                        "shows");
    out += light_line(x);
  }
  return out;
}

} // namespace

result<status_page> status_text(const status_answers& answers) try {
  simdjson::dom::parser ledger_parser;
  simdjson::dom::parser destinations_parser;
  const auto ledger =
    ledger_parser.parse(simdjson::padded_string{answers.ledger}).value();
  const auto destinations =
    destinations_parser.parse(simdjson::padded_string{answers.destinations})
      .value();
  status_page out;
  out.balanced = ledger["balanced"].get_bool().value();
  simdjson::dom::parser journal_parser;
  out.page = ledger_part(ledger, out.balanced);
  out.page += journal_line(
    journal_parser.parse(simdjson::padded_string{answers.journal}).value());
  simdjson::dom::parser sessions_parser;
  out.page += sessions_line(
    sessions_parser.parse(simdjson::padded_string{answers.sessions}).value());
  out.page +=
    fmt::format("\n{:<{}} {:<9} {:>10} {:>8} {:>8} {:>8} {:>8} {:>8}\n",
                "destination", name_width, "state", "delivered", "folded",
                "waiting", "flying", "dead", "dropped");
  const auto rows = destinations["destinations"].get_array().value();
  for (const auto x : rows)
    out.page += destination_line(x, ledger);
  simdjson::dom::parser lights_parser;
  out.page += lights_part(
    lights_parser.parse(simdjson::padded_string{answers.lights}).value());
  return out;
} catch (const simdjson::simdjson_error& e) {
  return fail(
    errc::malformed,
    fmt::format("the engine's answer is not understood: {}", e.what()));
}

} // namespace signalbox::cli
