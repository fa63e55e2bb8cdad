#include "destinations/teams/card.hpp"

#include "destinations/digest_text.hpp"
#include "destinations/escape.hpp"
#include "destinations/json_text.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <ctime>

namespace signalbox::teams {

namespace {

constexpr std::string_view theme_color = "0078D7";

void add_text_block(json_text& out, std::string_view size,
                    std::string_view weight, std::string_view text) {
  out.begin_object().member("type", "TextBlock");
  if (!size.empty())
    out.member("size", size);
  if (!weight.empty())
    out.member("weight", weight);
  out.key("wrap").flag(true).member("text", text).end_object();
}

/// Small print, close to what is above it.
void add_subtitle(json_text& out, std::string_view text) {
  out.begin_object()
    .member("type", "TextBlock")
    .member("spacing", "None")
    .key("isSubtle")
    .flag(true)
    .key("wrap")
    .flag(true)
    .member("text", text)
    .end_object();
}

void add_facts(json_text& out, std::string_view name,
               std::string_view title_key, const std::vector<fact>& facts) {
  out.key(name).begin_array();
  for (const auto& [title, value] : facts)
    out.begin_object()
      .member(title_key, title)
      .member("value", value)
      .end_object();
  out.end_array();
}

void add_fact_set(json_text& out, const std::vector<fact>& facts) {
  if (facts.empty())
    return;
  out.begin_object().member("type", "FactSet");
  add_facts(out, "facts", "title", facts);
  out.end_object();
}

void add_adaptive_card(json_text& out, const card& x) {
  out.begin_object()
    .member("$schema", "http://adaptivecards.io/schemas/adaptive-card.json")
    .member("type", "AdaptiveCard")
    .member("version", "1.4")
    .key("msteams")
    .begin_object()
    .member("width", "Full")
    .end_object()
    .key("body")
    .begin_array();
  add_text_block(out, "Large", "Bolder", x.title);
  if (!x.subtitle.empty())
    add_subtitle(out, x.subtitle);
  add_fact_set(out, x.facts);
  for (const auto& group : x.groups) {
    add_text_block(out, {}, "Bolder", group.heading);
    add_fact_set(out, group.facts);
  }
  out.end_array().end_object();
}

void add_section(json_text& out, const fact_group& group) {
  if (group.facts.empty())
    return;
  out.begin_object();
  if (!group.heading.empty())
    out.member("activityTitle", group.heading);
  add_facts(out, "facts", "name", group.facts);
  out.end_object();
}

/// A digest keeps its groups; a single event shows its title alone, as users
/// of the retired card know it.
void add_message_card(json_text& out, const card& x) {
  out.begin_object()
    .member("@type", "MessageCard")
    .member("@context", "https://schema.org/extensions")
    .member("summary", x.summary)
    .member("themeColor", theme_color)
    .member("title", x.title);
  if (!x.subtitle.empty())
    out.member("text", x.subtitle);
  if (!x.groups.empty()) {
    out.key("sections").begin_array();
    add_section(out, {{}, x.facts});
    for (const auto& group : x.groups)
      add_section(out, group);
    out.end_array();
  }
  out.end_object();
}

void add_workflow_message(json_text& out, const card& x) {
  out.begin_object()
    .member("type", "message")
    .key("attachments")
    .begin_array()
    .begin_object()
    .member("contentType", "application/vnd.microsoft.card.adaptive")
    .key("contentUrl")
    .null()
    .key("content");
  add_adaptive_card(out, x);
  out.end_object().end_array().end_object();
}

/// The number comes first: it is short, and the name may be long.
std::vector<fact> facts_of(const digest_list& list) {
  std::vector<fact> facts;
  for (const auto& row : list.rows) {
    std::string name;
    escape::markdown(name, row.name);
    facts.emplace_back(grouped(row.events), std::move(name));
  }
  return facts;
}

std::tm utc(wall_time x) {
  using namespace std::chrono;
  return fmt::gmtime(system_clock::to_time_t(
    time_point_cast<system_clock::duration>(floor<seconds>(x))));
}

/// Teams shows it in each reader's own time zone, without seconds; it takes
/// whole ones (learn.microsoft.com, "Text features in Adaptive Cards").
std::string local_time(wall_time x, bool date) {
  const auto iso = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", utc(x));
  return (date ? "{{DATE(" + iso + ", SHORT)}} " : "") + "{{TIME(" + iso
         + ")}}";
}

/// "Sun, Nov 22, 2026 10:15 AM to 10:17 AM"; a single time where both are the
/// same.
std::string local_period(const digest& sum) {
  using std::chrono::floor;
  using std::chrono::minutes;
  auto text = local_time(sum.first(), true);
  if (floor<minutes>(sum.first()) != floor<minutes>(sum.last()))
    text += " to " + local_time(sum.last(), ends_on_another_day(sum));
  return text;
}

/// For the retired card, which knows nobody's time zone.
std::string utc_period(const digest& sum) {
  const auto last = utc(sum.last());
  return fmt::format("{:%F %T}", utc(sum.first())) + " to "
         + (ends_on_another_day(sum) ? fmt::format("{:%F %T}", last)
                                     : fmt::format("{:%T}", last))
         + " UTC";
}

} // namespace

std::string to_json(const card& x, card_format format) {
  json_text out;
  switch (format) {
  case card_format::workflow:
    add_workflow_message(out, x);
    break;
  case card_format::card:
    add_adaptive_card(out, x);
    break;
  case card_format::message_card:
    add_message_card(out, x);
    break;
  }
  return out.str();
}

card digest_card(const digest& sum, card_format format) {
  card x;
  x.title = headline(sum);
  x.summary = summary(sum);
  x.subtitle =
    format == card_format::message_card ? utc_period(sum) : local_period(sum);
  if (const auto text = spared(sum); !text.empty())
    x.subtitle += " \xC2\xB7 " + text; // a middle dot
  x.facts = facts_of(kinds_in(sum));
  for (const auto& list : rankings_in(sum))
    x.groups.push_back({list.title, facts_of(list)});
  return x;
}

} // namespace signalbox::teams
