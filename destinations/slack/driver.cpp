// Slack: incoming webhooks and chat.postMessage.
#include "destinations/driver.hpp"

#include "config/section.hpp"
#include "destinations/digest_text.hpp"
#include "destinations/event_template.hpp"
#include "destinations/json_text.hpp"
#include "destinations/options.hpp"
#include "destinations/slack/answer.hpp"
#include "endpoints/http_endpoint.hpp"
#include "endpoints/options.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace signalbox {

namespace {

// Code points; docs.slack.dev, "Blocks" and "chat.postMessage".
constexpr std::size_t max_section_text = 3000;
constexpr std::size_t max_field_text = 2000;
constexpr std::size_t max_fallback_text = 3000; // 4,000 is where cutting starts
constexpr std::string_view content_type = "application/json";
constexpr std::string_view web_api_content_type =
  "application/json; charset=utf-8";
constexpr std::string_view web_api_url =
  "https://slack.com/api/chat.postMessage";
constexpr std::string_view default_template =
  "{{command}},  user: {{user}} on server {{host}}";

/// What a user can set besides the text.
struct sender {
  std::string username;
  std::string channel;
  std::string icon_emoji;
  bool mrkdwn = false;
};

void add_text_object(json_text& out, bool mrkdwn, std::string_view text) {
  out.begin_object()
    .member("type", mrkdwn ? "mrkdwn" : "plain_text")
    .member("text", shorten(text, max_section_text))
    .end_object();
}

void add_section(json_text& out, bool mrkdwn, std::string_view text) {
  out.begin_object().member("type", "section").key("text");
  add_text_object(out, mrkdwn, text);
  out.end_object();
}

/// `{"username":…,"channel":…,"icon_emoji":…,"blocks":[` and what follows.
template <class AddBlocks>
std::string message(const sender& from, std::string_view fallback,
                    AddBlocks add_blocks) {
  json_text out;
  out.begin_object();
  if (!from.username.empty())
    out.member("username", from.username);
  if (!from.channel.empty())
    out.member("channel", from.channel);
  if (!from.icon_emoji.empty())
    out.member("icon_emoji", from.icon_emoji);
  out.key("blocks").begin_array();
  add_blocks(out);
  out.end_array()
    .member("text", shorten(fallback, max_fallback_text))
    .end_object();
  return out.str();
}

std::string escaped(std::string_view text) {
  std::string out;
  escape::slack(out, text);
  return out;
}

/// Markup in which plain text stays plain: no name becomes a link or a mention.
void add_verbatim(json_text& out, std::string_view text) {
  out.begin_object()
    .member("type", "mrkdwn")
    .member("text", shorten(text, max_field_text))
    .key("verbatim")
    .flag(true)
    .end_object();
}

/// "*Top users*", then a line for each: "`822`  LAB/goran".
std::string list_text(const digest_list& list) {
  auto text = "*" + list.title + "*";
  for (const auto& row : list.rows)
    text += "\n`" + grouped(row.events) + "`  " + escaped(row.name);
  return text;
}

/// A time that Slack shows in each reader's own time zone, with its date or
/// without (docs.slack.dev, "Formatting message text").
std::string local_time(wall_time x, bool date) {
  using namespace std::chrono;
  const auto at = floor<seconds>(x);
  const auto utc = fmt::gmtime(
    system_clock::to_time_t(time_point_cast<system_clock::duration>(at)));
  return fmt::format(
    "<!date^{}^{}{{time_secs}}|{} UTC>", at.time_since_epoch().count(),
    date ? "{date_short_pretty} " : "",
    date ? fmt::format("{:%F %T}", utc) : fmt::format("{:%T}", utc));
}

/// "today 10:15:02 to 10:15:11"; a single time where both are the same.
std::string period(const digest& sum) {
  using std::chrono::floor;
  using std::chrono::seconds;
  auto text = local_time(sum.first(), true);
  if (floor<seconds>(sum.first()) != floor<seconds>(sum.last()))
    text += " to " + local_time(sum.last(), ends_on_another_day(sum));
  return text;
}

void add_digest(json_text& out, const digest& sum) {
  out.begin_object().member("type", "header").key("text");
  add_text_object(out, false, headline(sum));
  out.end_object();
  out.begin_object().member("type", "context").key("elements").begin_array();
  add_verbatim(out, period(sum));
  if (const auto text = spared(sum); !text.empty())
    add_verbatim(out, text);
  out.end_array().end_object();
  out.begin_object().member("type", "section").key("fields").begin_array();
  add_verbatim(out, list_text(kinds_in(sum)));
  for (const auto& list : rankings_in(sum))
    add_verbatim(out, list_text(list));
  out.end_array().end_object();
}

class slack_driver final : public driver {
public:
  slack_driver(http_endpoint endpoint, renewable_secret token, sender from,
               event_template text)
    : endpoint_(std::move(endpoint)),
      token_(std::move(token)),
      from_(std::move(from)),
      text_(std::move(text)) {
    // nop
  }

  [[nodiscard]] destination_traits traits() const override {
    // docs.slack.dev, "Rate limits": one message a second for each channel.
    return {.rate = 1, .burst = 1, .excess = excess_policy::digest};
  }

  [[nodiscard]] std::string account() const override {
    auto text = endpoint_.account();
    if (!token_.empty())
      text.append("\n")
        .append(token_.reveal())
        .append("\n")
        .append(from_.channel);
    return text;
  }

  transport_choice open_transport() override {
    return use_http{};
  }

  result<delivery_request> shape(std::span<const event* const> events,
                                 std::string_view key) override {
    const auto text = text_.render(*events.front());
    if (text.find_first_not_of(' ') == std::string::npos)
      return fail(errc::malformed, "the template makes no text of this event, "
                                   "and Slack takes no empty message");
    auto body =
      message(from_, from_.mrkdwn ? text : escaped(text),
              [&](json_text& out) { add_section(out, from_.mrkdwn, text); });
    return request(std::move(body), key);
  }

  result<delivery_request> shape_digest(const digest& sum,
                                        std::string_view key) override {
    auto body = message(from_, summary(sum),
                        [&](json_text& out) { add_digest(out, sum); });
    return request(std::move(body), key);
  }

  std::optional<delivery_request> probe() override {
    return endpoint_.probe();
  }

  verdict judge(const delivery_answer& answer, wall_time now) override {
    const auto& http = std::get<http_answer>(answer);
    auto x = token_.empty() ? slack::judge_webhook(http, now)
                            : slack::judge_web_api(http, now);
    if (x.what == outcome::destination_fault) {
      endpoint_.renew();
      token_.renew();
    }
    return x;
  }

private:
  delivery_request request(std::string body, std::string_view key) const {
    if (token_.empty())
      return endpoint_.post(std::move(body), content_type, key);
    auto x = endpoint_.post(std::move(body), web_api_content_type, key);
    x.headers.emplace_back("Authorization", "Bearer " + token_.reveal());
    return x;
  }

  http_endpoint endpoint_;
  renewable_secret token_; ///< Empty: an incoming webhook.
  sender from_;
  event_template text_;
};

} // namespace

driver_ptr make_slack(config::section& options) {
  sender from;
  from.username = options.text("username");
  from.channel = options.text("channel");
  from.icon_emoji = options.text("icon_emoji");
  from.mrkdwn = options.choice("format", 0, {"plain_text", "mrkdwn"}) == 1;
  const auto web_api = options.has("token") || options.has("token_file");
  renewable_secret token{options.secret_text("token")};
  auto endpoint =
    http_endpoint::read(options, web_api ? web_api_url : std::string_view{});
  auto text = read_template(options, "template", default_template,
                            from.mrkdwn ? escape::slack : escape::none);
  if (web_api && from.channel.empty())
    options.mistake("channel", "is required with a token: the channel's id, "
                               "such as \"C024BE91L\", or its name");
  if (!endpoint || !text || !options.good())
    return nullptr;
  return std::make_unique<slack_driver>(std::move(*endpoint), std::move(token),
                                        std::move(from), std::move(*text));
}

} // namespace signalbox
