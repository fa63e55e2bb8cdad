#include "policy/verdict.hpp"

#include "policy/http_date.hpp"
#include "policy/plain_text.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace signalbox {

namespace {

constexpr std::size_t max_reason = 300;
constexpr std::chrono::seconds max_retry_after{600};

/// The outcome of a status alone. Statuses that have no row in the table count
/// as the x00 of their class, as RFC 9110 15 wants of clients: 4xx as 400,
/// 5xx as 500, and what is no valid status as 5xx.
outcome outcome_of(int status) {
  switch (status) {
  case 401:
  case 403:
  case 404:
  case 407:
  case 410:
    return outcome::destination_fault;
  case 408:
  case 425:
    return outcome::retry;
  case 413:
    return outcome::too_large;
  case 429:
    return outcome::slow_down;
  default:
    break;
  }
  if (status >= 200 && status < 300)
    return outcome::delivered;
  // Whoever may redirect us chooses where events and secrets go.
  if (status >= 300 && status < 400)
    return outcome::destination_fault;
  if (status >= 400 && status < 500)
    return outcome::event_fault;
  return outcome::retry;
}

std::string reason_or(std::string_view error, std::string_view otherwise) {
  auto text = one_line(error, max_reason);
  return text.empty() ? std::string{otherwise} : text;
}

std::string reason_of(const http_answer& answer) {
  if (answer.status == 0)
    return answer.error.empty() ? "no answer"
                                : one_line(answer.error, max_reason);
  auto text = "HTTP " + std::to_string(answer.status);
  if (answer.status >= 300 && answer.status < 400)
    return one_line(text + ": "
                      + reason_or(answer.error, "redirects are not followed"),
                    max_reason);
  const auto body = one_line(answer.body, max_reason);
  if (!body.empty())
    text += ": " + body;
  return one_line(text, max_reason);
}

/// Without the optional white space around a header's value.
std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char x) { return x >= '0' && x <= '9'; });
}

/// Seconds, which must be all of `text`. Some write fractions, which RFC 9110
/// does not know: they are rounded up.
std::optional<std::chrono::seconds> parse_seconds(std::string_view text) {
  const auto negative = text.starts_with('-');
  if (negative)
    text.remove_prefix(1);
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  const auto fraction = point == std::string_view::npos
                          ? std::string_view{"0"}
                          : text.substr(point + 1);
  if (whole.empty() || fraction.empty() || !all_digits(whole)
      || !all_digits(fraction))
    return std::nullopt;
  if (negative)
    return std::chrono::seconds{0};
  std::uint64_t value = 0;
  const auto [stop, error] =
    std::from_chars(whole.data(), whole.data() + whole.size(), value);
  constexpr auto cap = static_cast<std::uint64_t>(max_retry_after.count());
  if (error != std::errc{} || value >= cap)
    return max_retry_after;
  const auto more = fraction.find_first_not_of('0') != std::string_view::npos;
  return std::chrono::seconds{value + (more ? 1 : 0)};
}

} // namespace

verdict judge_http(const http_answer& answer, wall_time now) {
  verdict result;
  result.what = outcome_of(answer.status);
  if (result.what == outcome::delivered)
    return result;
  result.reason = reason_of(answer);
  hear_retry_after(result, answer, now);
  return result;
}

void hear_retry_after(verdict& x, const http_answer& answer, wall_time now) {
  x.retry_after.reset();
  if (x.what == outcome::retry || x.what == outcome::slow_down)
    x.retry_after = parse_retry_after(answer.retry_after, now);
}

verdict judge_mqtt(const mqtt_answer& answer) {
  verdict result;
  result.done = answer.acknowledged;
  if (answer.refused) {
    result.what = outcome::destination_fault;
    result.reason = reason_or(answer.error, "the broker refused us");
  } else if (!answer.error.empty()) {
    result.what = outcome::retry;
    result.reason = reason_or(answer.error, "no acknowledgement");
  }
  return result;
}

verdict judge_write(const write_answer& answer) {
  verdict result;
  if (!answer.error.empty()) {
    // Full disks and lost mounts pass; no event is to blame for them.
    result.what = answer.refused ? outcome::destination_fault : outcome::retry;
    result.reason = reason_or(answer.error, "the write failed");
  }
  return result;
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view header,
                                                      wall_time now) {
  using namespace std::chrono;
  const auto value = trimmed(header);
  if (const auto wait = parse_seconds(value))
    return wait;
  const auto now_seconds = floor<seconds>(now);
  const auto date = parse_http_date(value, now_seconds);
  if (!date)
    return std::nullopt;
  return std::clamp(*date - now_seconds, seconds{0}, max_retry_after);
}

} // namespace signalbox
