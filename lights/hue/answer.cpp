#include "lights/hue/answer.hpp"

#include "lights/answers.hpp"
#include "policy/plain_text.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <utility>

namespace signalbox::lights::hue {

namespace {

namespace dom = simdjson::dom;

constexpr std::size_t max_said = 120;
constexpr std::size_t max_reason = 300;
constexpr std::size_t max_errors = 32;

constexpr std::string_view unknown_key =
  "the bridge does not know this key: pair again with 'signalbox lights pair "
  "hue'";
constexpr std::string_view unknown_lamp =
  "the bridge has no such lamp: correct 'light' or 'group'";
constexpr std::string_view refuses_this =
  "the lamp cannot show this: does it have colours?";
constexpr std::string_view is_busy =
  "the bridge has too much to do: lower 'max_rate', its own or that of other "
  "apps";
constexpr std::string_view no_bridge =
  "that is not the answer of a bridge: correct 'url'";

std::string said(std::string_view words) {
  return one_line(words, max_said);
}

/// Puts a verdict into words.
verdict say(verdict x, std::string_view words, std::string_view why) {
  x.reason = one_line(why.empty() ? std::string{words}
                                  : fmt::format("{} ({})", words, why),
                      max_reason);
  return x;
}

verdict say(outcome what, std::string_view words, std::string_view why) {
  return say({what, {}, {}, 0}, words, why);
}

/// No answer at all: what to look after.
verdict unreached(const http_answer& answer, wall_time now) {
  auto x = judge_http(answer, now);
  const auto is_about = [&](std::string_view word) {
    return x.reason.find(word) != std::string::npos;
  };
  x.reason += is_about("pinned")
                ? "; if the bridge was replaced, pair again with 'signalbox "
                  "lights pair hue', which prints the new tls.pin"
              : is_about("certificate")
                ? "; set tls.pin, which 'signalbox lights pair hue' prints, or "
                  "tls.ca and bridge_id"
                : "; is the bridge on, and 'url' its address?";
  x.reason = one_line(x.reason, max_reason);
  return x;
}

verdict meaning_of(const v1_error& x) {
  const auto why = fmt::format("error {}, {}", x.type, x.description);
  switch (x.type) {
  case 1:
    return say(outcome::destination_fault, unknown_key, why);
  case 3:
    return say(not_yet({}), unknown_lamp, why);
  case 201: // "parameter, …, is not modifiable. Device is set to off."
    return say(outcome::retry, "the lamp is off just now", why);
  case 901:
    return say(outcome::slow_down, is_busy, why);
  default:
    // 2 to 11 are about what was asked for.
    return x.type > 0 && x.type < 100
             ? say(not_yet({}), refuses_this, why)
             : say(outcome::retry, "the bridge failed", why);
  }
}

/// Of several errors the one that waiting mends least.
int weight(const verdict& x) {
  return x.what == outcome::destination_fault ? 3
         : x.retry_after                      ? 2
         : x.what == outcome::slow_down       ? 1
                                              : 0;
}

/// What an answer of v2 holds.
struct v2_answer {
  bool has_data = false;
  bool has_error = false;
  std::string error; ///< The first one's description, sanitised; may be empty.
};

std::optional<v2_answer> parse_v2(std::string_view body) {
  dom::parser parser;
  dom::object document;
  if (parser.parse(simdjson::padded_string{body}).get(document)
      != simdjson::SUCCESS)
    return std::nullopt;
  dom::array data;
  dom::array errors;
  const auto lists_data = document["data"].get(data) == simdjson::SUCCESS;
  const auto lists_errors = document["errors"].get(errors) == simdjson::SUCCESS;
  if (!lists_data && !lists_errors)
    return std::nullopt;
  v2_answer out;
  out.has_data = lists_data && data.begin() != data.end();
  out.has_error = lists_errors && errors.begin() != errors.end();
  std::string_view words;
  if (out.has_error
      && (*errors.begin())["description"].get(words) == simdjson::SUCCESS)
    out.error = said(words);
  return out;
}

/// "HTTP 404: Not Found".
std::string status_and(int status, const std::string& words) {
  return words.empty() ? fmt::format("HTTP {}", status)
                       : fmt::format("HTTP {}: {}", status, words);
}

} // namespace

std::optional<v1_answer> parse_v1(std::string_view body) {
  dom::parser parser;
  dom::array list;
  if (parser.parse(simdjson::padded_string{body}).get(list)
      != simdjson::SUCCESS)
    return std::nullopt;
  v1_answer out;
  for (const auto part : list) {
    dom::object success;
    if (part["success"].get(success) == simdjson::SUCCESS) {
      out.succeeded = true;
      std::string_view name;
      if (success["username"].get(name) == simdjson::SUCCESS)
        out.username = name;
    }
    dom::object error;
    if (part["error"].get(error) != simdjson::SUCCESS
        || out.errors.size() == max_errors)
      continue;
    v1_error x;
    std::string_view words;
    if (error["type"].get(x.type) != simdjson::SUCCESS)
      x.type = 0;
    if (error["description"].get(words) == simdjson::SUCCESS)
      x.description = said(words);
    out.errors.push_back(std::move(x));
  }
  return out;
}

verdict judge_v1(const http_answer& answer, wall_time now) {
  if (answer.status == 0)
    return unreached(answer, now);
  const auto x = judge_answer(answer, now);
  const auto why = fmt::format("HTTP {}", answer.status);
  if (x.what == outcome::slow_down)
    return say(x, is_busy, why);
  // Not what the manual says: all errors come with 200.
  if (answer.status >= 500)
    return say(x, "the bridge failed; are 'light' or 'group' right?", why);
  if (x.what != outcome::delivered)
    return say(x, no_bridge, why);
  const auto parsed = parse_v1(answer.body);
  if (!parsed)
    return say(not_yet({}), no_bridge, why);
  if (parsed->errors.empty())
    return parsed->succeeded
             ? verdict{}
             : say(outcome::retry, "the bridge did nothing of what it was told",
                   {});
  verdict worst;
  for (const auto& error : parsed->errors)
    if (auto one = meaning_of(error);
        worst.what == outcome::delivered || weight(one) > weight(worst))
      worst = std::move(one);
  return worst;
}

verdict judge_v2(const http_answer& answer, wall_time now) {
  if (answer.status == 0)
    return unreached(answer, now);
  const auto parsed = parse_v2(answer.body);
  const auto why =
    status_and(answer.status, parsed ? parsed->error : std::string{});
  const auto x = judge_answer(answer, now);
  switch (answer.status) {
  case 200:
    // Emulators fill `errors` with samples, beside the data.
    if (!parsed)
      return say(not_yet({}), no_bridge, why);
    return parsed->has_data
             ? verdict{}
             : say(outcome::retry, "the bridge did nothing of what it was told",
                   why);
  case 207:
    return parsed && !parsed->has_error
             ? verdict{}
             : say(outcome::retry, "the lamp heard only a part: has it power?",
                   why);
  case 401:
  case 403:
    return say(x, unknown_key, why);
  case 404:
    return say(x, parsed ? unknown_lamp : no_bridge, why);
  case 429:
  case 503:
    return say(x, is_busy, why);
  default:
    break;
  }
  if (answer.status >= 300 && answer.status < 400)
    return say(x,
               "a bridge speaks v2 over https only: correct 'url', or set api "
               "= \"v1\"",
               why);
  if (answer.status >= 400 && answer.status < 500)
    return say(x, refuses_this, why);
  return say(outcome::retry, "the bridge failed", why);
}

} // namespace signalbox::lights::hue
