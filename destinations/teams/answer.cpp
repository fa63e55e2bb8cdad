#include "destinations/teams/answer.hpp"

#include "policy/plain_text.hpp"

#include <charconv>
#include <string_view>

namespace signalbox::teams {

namespace {

/// The status inside "… returned HTTP error 429 with ContextId …"; 0 if none.
int status_inside(std::string_view body) {
  constexpr std::string_view marker = "HTTP error ";
  const auto at = body.find(marker);
  if (at == std::string_view::npos)
    return 0;
  const auto digits = body.substr(at + marker.size(), 3);
  int status = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), status);
  return status >= 400 && status <= 599 ? status : 0;
}

verdict judge_status(const http_answer& answer, wall_time now) {
  auto x = judge_http(answer, now);
  // Teams' own backend lost a race; the same request works a moment later.
  if (answer.status == 412)
    x.what = outcome::retry;
  return x;
}

} // namespace

verdict judge(const http_answer& answer, wall_time now) {
  auto x = judge_status(answer, now);
  if (x.what != outcome::delivered)
    return x;
  if (const auto status = status_inside(answer.body); status != 0) {
    auto inner = answer;
    inner.status = status;
    return judge_status(inner, now);
  }
  if (answer.body.find("delivery failed") != std::string::npos) {
    x.what = outcome::retry;
    x.reason = one_line(answer.body, 200);
  }
  return x;
}

} // namespace signalbox::teams
