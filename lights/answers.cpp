#include "lights/answers.hpp"

#include <utility>

namespace signalbox::lights {

verdict owners_fault(std::string reason) {
  verdict x;
  x.what = outcome::destination_fault;
  x.reason = std::move(reason);
  return x;
}

verdict judge_status(const http_answer& answer, wall_time now) {
  auto bare = answer;
  bare.body.clear();
  return judge_http(bare, now);
}

} // namespace signalbox::lights
