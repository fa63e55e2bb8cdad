// Destinations that pull from a journal, and the other side that they talk to.
#pragma once

#include "actors/destination.hpp"
#include "actors/telemetry.hpp"
#include "tests/actors/fake_transport.hpp"
#include "tests/actors/journal_fixture.hpp"

#include <deque>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signalbox::test {

/// A driver whose bodies are user ids, one a line; its URLs are the keys.
class plain_driver final : public driver {
public:
  [[nodiscard]] destination_traits traits() const override {
    return {};
  }

  transport_choice open_transport() override {
    return use_http{};
  }

  result<delivery_request> shape(std::span<const event* const> events,
                                 std::string_view key) override {
    http_request x;
    x.url = key;
    for (const auto* e : events)
      (x.body += e->user_id) += '\n';
    if (x.body == "unspeakable\n")
      throw std::runtime_error{"a bug"};
    return x;
  }

  std::optional<delivery_request> probe() override {
    return std::nullopt;
  }

  verdict judge(const delivery_answer& x, wall_time now) override {
    return judge_http(std::get<http_answer>(x), now);
  }
};

struct destination_fixture : journal_fixture {
  telemetry_actor watcher;

  template <class... Ts>
  explicit destination_fixture(Ts&&... xs)
    : journal_fixture(std::forward<Ts>(xs)...) {
    watcher = spawn(telemetry, log);
  }

  struct reader_and_server {
    destination_actor actor;
    std::shared_ptr<fake_server> other_side;
  };

  reader_and_server add(const std::string& name, delivery::options pace = {},
                        std::deque<http_answer> answers = {},
                        duration gather = duration{0}) {
    reader_and_server x;
    x.other_side = std::make_shared<fake_server>();
    x.other_side->answers = std::move(answers);
    destination_plan plan;
    plan.name = name;
    plan.kind = "plain";
    plan.pace = std::move(pace);
    plan.gather = gather;
    plan.shaper = std::make_shared<plain_driver>();
    x.actor = spawn(destination, std::move(plan), log,
                    transport_ptr{x.other_side}, watcher, ledger);
    return x;
  }

  static fake_server& other_side(const reader_and_server& x) {
    return *x.other_side;
  }

  /// Answers a request of a server that was silent.
  void answer(const reader_and_server& x, std::uint64_t request,
              http_answer with = {200, "", "", ""}) {
    x.other_side->kept.at(request)(std::move(with));
    run();
  }

  static const std::vector<http_request>& requests(const reader_and_server& x) {
    return other_side(x).requests;
  }
};

} // namespace signalbox::test
