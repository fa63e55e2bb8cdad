#include "destinations/teams/answer.hpp"

#include "policy/plain_text.hpp"

#include <charconv>
#include <string_view>

namespace signalbox::teams {

namespace {

/// The status inside "… returned HTTP error 429 with ContextId …"; 0 if none.
int status_inside(std::string_view body) {
  constexpr std::string_view marker = "HTTP error ";
  for (auto at = body.find(marker); at != std::string_view::npos;
       at = body.find(marker)) {
    body.remove_prefix(at + marker.size());
    int status = 0;
    std::from_chars(body.data(), body.data() + body.size(), status);
    if (status >= 400 && status <= 599)
      return status;
  }
  return 0;
}

verdict judge_status(const http_answer& answer, wall_time now) {
  auto x = judge_http(answer, now);
  // Teams' own backend lost a race; the same request works a moment later.
  if (answer.status == 412) {
    x.what = outcome::retry;
    hear_retry_after(x, answer, now);
  }
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
    hear_retry_after(x, answer, now);
  }
  return x;
}

} // namespace signalbox::teams
