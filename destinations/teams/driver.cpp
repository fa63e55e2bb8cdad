// Microsoft Teams: Workflows (an envelope with an Adaptive Card), the bare
// card, or the retired MessageCard.
#include "destinations/driver.hpp"

#include "config/section.hpp"
#include "destinations/event_template.hpp"
#include "destinations/options.hpp"
#include "destinations/teams/answer.hpp"
#include "destinations/teams/card.hpp"
#include "endpoints/http_endpoint.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace signalbox {

namespace {

using teams::card;
using teams::card_format;

// learn.microsoft.com, "Create incoming webhooks": 28 KB for the whole message.
constexpr std::size_t max_body = std::size_t{28} * 1024;
constexpr std::size_t max_text = 8000; // code points of the heading
constexpr std::size_t max_fact = 1000; // code points of a fact
constexpr std::string_view default_template =
  "{{command}} for user {{user}} on server {{host}}";
constexpr std::string_view default_summary = "{{command}} for user {{user}}";

struct fact_template {
  std::string title;
  event_template value;
};

class teams_driver final : public driver {
public:
  teams_driver(http_endpoint endpoint, card_format format, event_template text,
               event_template summary, std::vector<fact_template> facts)
    : endpoint_(std::move(endpoint)),
      format_(format),
      text_(std::move(text)),
      summary_(std::move(summary)),
      facts_(std::move(facts)) {
    // nop
  }

  [[nodiscard]] destination_traits traits() const override {
    // learn.microsoft.com, "Create incoming webhooks": more than four requests
    // a second are throttled.
    return {.rate = 4, .burst = 4, .excess = excess_policy::digest};
  }

  [[nodiscard]] std::string account() const override {
    return endpoint_.account();
  }

  transport_choice open_transport() override {
    return use_http{};
  }

  result<delivery_request> shape(std::span<const event* const> events,
                                 std::string_view key) override {
    const auto& x = *events.front();
    card made;
    const auto text = text_.render(x);
    made.summary = shorten(summary_.render(x), max_fact);
    if (text.find_first_not_of(' ') == std::string::npos)
      return fail(errc::malformed, "the template makes no text of this event, "
                                   "and Teams takes no empty card");
    for (const auto& [title, value] : facts_)
      if (auto shown = value.render(x); !shown.empty())
        made.facts.emplace_back(title, shorten(shown, max_fact));
    // Escaping can double a text, and JSON do so again.
    for (auto limit = max_text; limit > 100; limit /= 2) {
      made.title = shorten(text, limit);
      if (auto body = teams::to_json(made, format_); body.size() <= max_body)
        return endpoint_.post(std::move(body), "application/json", key);
    }
    return fail(errc::full, "the card's facts exceed the 28 KB that Teams "
                            "takes: configure fewer or shorter ones");
  }

  result<delivery_request> shape_digest(const digest& sum,
                                        std::string_view key) override {
    const auto card = teams::digest_card(sum, format_);
    return endpoint_.post(teams::to_json(card, format_), "application/json",
                          key);
  }

  std::optional<delivery_request> probe() override {
    return endpoint_.probe();
  }

  verdict judge(const delivery_answer& answer, wall_time now) override {
    auto x = teams::judge(std::get<http_answer>(answer), now);
    if (x.what == outcome::destination_fault)
      endpoint_.renew();
    return x;
  }

private:
  http_endpoint endpoint_;
  card_format format_;
  event_template text_;
  event_template summary_;
  std::vector<fact_template> facts_;
};

std::vector<fact_template> read_facts(config::section& options) {
  std::vector<std::pair<std::string, std::string>> rows{{"Server", "{{host}}"}};
  if (options.has("facts"))
    rows = options.table_of_texts("facts");
  std::vector<fact_template> facts;
  for (auto& [title, text] : rows) {
    auto value = event_template::parse(text, escape::markdown);
    if (value)
      facts.push_back({std::move(title), std::move(*value)});
    else
      options.mistake("facts", title + ": " + value.error().what);
  }
  return facts;
}

} // namespace

driver_ptr make_teams(config::section& options) {
  auto endpoint = http_endpoint::read(options);
  const auto format = static_cast<card_format>(
    options.choice("format", 0, {"workflow", "card", "message_card"}));
  auto text =
    read_template(options, "template", default_template, escape::markdown);
  auto summary = event_template::parse(default_summary, escape::markdown);
  auto facts = read_facts(options);
  if (!endpoint || !text || !summary || !options.good())
    return nullptr;
  return std::make_unique<teams_driver>(std::move(*endpoint), format,
                                        std::move(*text), std::move(*summary),
                                        std::move(facts));
}

} // namespace signalbox
