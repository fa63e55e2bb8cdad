// The other side of destinations, lamps and boards, which does as a test says.
#pragma once

#include "actors/transports.hpp"

#include <cstddef>
#include <deque>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace signalbox::test {

/// An HTTP server that answers at once: with what `answers` holds next, else
/// with 200.
struct fake_server final : transport {
  void carry_out(delivery_request request, on_answer done) override {
    requests.push_back(std::move(std::get<http_request>(request)));
    if (silent) {
      kept.push_back(std::move(done));
      return;
    }
    auto next = http_answer{200, "", "", ""};
    if (!answers.empty()) {
      next = std::move(answers.front());
      answers.pop_front();
    }
    done(std::move(next));
  }

  std::vector<http_request> requests;
  std::deque<http_answer> answers;
  bool silent = false; ///< It keeps its answers to itself.
  std::vector<on_answer> kept;
};

} // namespace signalbox::test
