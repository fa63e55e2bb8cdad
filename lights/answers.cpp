#include "lights/answers.hpp"

#include <chrono>
#include <utility>

namespace signalbox::lights {

namespace {

constexpr std::chrono::seconds half_a_minute{30};

outcome outcome_of(int status) noexcept {
  switch (status) {
  case 401:
  case 403:
  case 407:
    return outcome::destination_fault;
  case 429:
  case 503:
    return outcome::slow_down;
  default:
    return outcome::retry;
  }
}

bool blames_the_request(int status) noexcept {
  return status >= 300 && status < 500;
}

} // namespace

verdict owners_fault(std::string reason) {
  return {outcome::destination_fault, std::move(reason), {}, 0};
}

verdict not_yet(std::string reason) {
  return {outcome::retry, std::move(reason), half_a_minute, 0};
}

verdict judge_answer(const http_answer& answer, wall_time now) {
  http_answer bare;
  bare.status = answer.status;
  bare.retry_after = answer.retry_after;
  bare.error = answer.error;
  auto x = judge_http(bare, now);
  if (x.what == outcome::delivered)
    return x;
  x.what = outcome_of(answer.status);
  hear_retry_after(x, answer, now);
  if (x.what == outcome::retry && blames_the_request(answer.status)
      && !x.retry_after)
    x.retry_after = half_a_minute;
  return x;
}

bool is_refusal(const http_answer& answer) noexcept {
  switch (answer.status) {
  case 408:
  case 425:
  case 429:
    return false;
  default:
    return blames_the_request(answer.status);
  }
}

} // namespace signalbox::lights
