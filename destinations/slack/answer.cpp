#include "destinations/slack/answer.hpp"

#include "policy/plain_text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <string>

namespace signalbox::slack {

namespace {

constexpr std::size_t max_word = 64; // Slack's error words are shorter

/// A word, what to do about it, and what it tells a person.
struct meaning {
  std::string_view word;
  outcome what;
  std::string_view advice;
};

constexpr std::string_view new_webhook =
  "the webhook no longer exists or was switched off: create a new one";
constexpr std::string_view bad_token =
  "the token is not valid: install the app again and set its new token";
constexpr std::string_view no_channel =
  "there is no such channel, or the app cannot see it";
constexpr std::string_view archived =
  "the channel is archived: restore it or choose another";
constexpr std::string_view restricted =
  "an administrator of the workspace does not allow this post";
constexpr std::string_view our_content = "Slack refuses this message's content";
constexpr std::string_view its_trouble = "Slack has trouble of its own";
constexpr std::string_view too_many = "too many messages";

using enum outcome;

constexpr std::array meanings{
  meaning{"access_denied", destination_fault, restricted},
  meaning{"account_inactive", destination_fault, bad_token},
  meaning{"action_prohibited", destination_fault, restricted},
  meaning{"channel_is_archived", destination_fault, archived},
  meaning{"channel_not_found", destination_fault, no_channel},
  meaning{"ekm_access_denied", destination_fault, restricted},
  meaning{"fatal_error", outcome::retry, its_trouble},
  meaning{"internal_error", outcome::retry, its_trouble},
  meaning{"invalid_auth", destination_fault, bad_token},
  meaning{"invalid_blocks", event_fault, our_content},
  meaning{"invalid_blocks_format", event_fault, our_content},
  meaning{"invalid_payload", event_fault, our_content},
  meaning{"invalid_token", destination_fault, new_webhook},
  meaning{"is_archived", destination_fault, archived},
  meaning{"message_limit_exceeded", destination_fault,
          "the workspace has used up its messages"},
  meaning{"missing_scope", destination_fault,
          "the token lacks the scope chat:write"},
  meaning{"msg_blocks_too_long", event_fault, our_content},
  meaning{"no_active_hooks", destination_fault, new_webhook},
  meaning{"no_service", destination_fault, new_webhook},
  meaning{"no_service_id", destination_fault, new_webhook},
  meaning{"no_team", destination_fault, new_webhook},
  meaning{"no_text", event_fault, our_content},
  meaning{"not_authed", destination_fault, bad_token},
  meaning{"not_in_channel", destination_fault,
          "the app is not in the channel: invite it there"},
  meaning{"posting_to_general_channel_denied", destination_fault, restricted},
  meaning{"rate_limited", slow_down, too_many},
  meaning{"ratelimited", slow_down, too_many},
  meaning{"request_timeout", outcome::retry, its_trouble},
  meaning{"restricted_action", destination_fault, restricted},
  meaning{"rollup_error", outcome::retry, its_trouble},
  meaning{"service_unavailable", outcome::retry, its_trouble},
  meaning{"team_disabled", destination_fault, "the workspace is switched off"},
  meaning{"team_not_found", destination_fault, new_webhook},
  meaning{"token_expired", destination_fault, bad_token},
  meaning{"token_revoked", destination_fault, bad_token},
  meaning{"too_many_attachments", event_fault, our_content},
  meaning{"user_not_found", destination_fault, no_channel},
};

static_assert(std::ranges::is_sorted(meanings, {}, &meaning::word));

std::string_view trimmed(std::string_view x) {
  constexpr std::string_view blank = " \t\r\n";
  const auto begin = x.find_first_not_of(blank);
  if (begin == std::string_view::npos)
    return {};
  return x.substr(begin, x.find_last_not_of(blank) - begin + 1);
}

/// Lets a known word decide, and put advice into the reason.
bool explain(verdict& x, std::string_view word) {
  // All of restricted_action_read_only_channel and the like.
  if (word.starts_with("restricted_action"))
    word = "restricted_action";
  const auto row = std::ranges::find(meanings, word, &meaning::word);
  if (row == meanings.end())
    return false;
  x.what = row->what;
  x.reason = std::string{row->word}.append(": ").append(row->advice);
  return true;
}

} // namespace

verdict judge_webhook(const http_answer& answer, wall_time now) {
  auto x = judge_http(answer, now);
  const auto word = trimmed(answer.body);
  if (x.what == outcome::delivered && word == "ok")
    return x;
  if (explain(x, word)) {
    hear_retry_after(x, answer, now);
    return x;
  }
  if (x.what != outcome::delivered)
    return x;
  x.what = outcome::retry;
  x.reason = "HTTP " + std::to_string(answer.status)
             + ", but instead of 'ok' the answer is '"
             + one_line(word, max_word) + "': is the URL a Slack webhook?";
  return x;
}

verdict judge_web_api(const http_answer& answer, wall_time now) {
  auto x = judge_http(answer, now);
  if (x.what != outcome::delivered)
    return x;
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  bool ok = false;
  std::string_view word;
  const auto readable =
    parser.parse(answer.body).get(document) == simdjson::SUCCESS
    && document["ok"].get(ok) == simdjson::SUCCESS;
  if (readable && ok)
    return x;
  if (readable && document["error"].get(word) == simdjson::SUCCESS) {
    if (explain(x, word)) {
      hear_retry_after(x, answer, now);
      return x;
    }
    x.what = outcome::event_fault;
    x.reason = "Slack refuses the message: " + one_line(word, max_word);
    return x;
  }
  x.what = outcome::retry;
  x.reason = "the answer is not one of Slack's Web API: '"
             + one_line(answer.body, max_word) + "'";
  return x;
}

} // namespace signalbox::slack
