// What Slack's words mean, over webhooks and over its Web API.
#pragma once

#include "messages/clock.hpp"
#include "messages/delivery.hpp"
#include "policy/verdict.hpp"

#include <string_view>

namespace signalbox::slack {

/// Judges an incoming webhook's answer: 200 must say `ok`; errors are a word
/// in plain text (docs.slack.dev, "Sending messages using incoming webhooks").
verdict judge_webhook(const http_answer& answer, wall_time now);

/// Judges the answer of `chat.postMessage`: 200 with `{"ok":true}`, or with
/// `{"ok":false,"error":"…"}` (docs.slack.dev, "chat.postMessage").
verdict judge_web_api(const http_answer& answer, wall_time now);

} // namespace signalbox::slack
