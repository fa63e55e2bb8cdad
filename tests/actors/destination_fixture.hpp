// Destinations that pull from a journal, and the other side that they talk to.
#pragma once

#include "actors/destination.hpp"
#include "actors/telemetry.hpp"
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

/// The other side: answers with what `answers` holds next, else with 200.
struct world_state {
  static inline constexpr const char* name = "world";

  std::deque<http_answer> answers;
  std::vector<http_request> requests;
  bool silent = false; ///< It keeps its answers to itself.
  std::vector<caf::typed_response_promise<delivery_answer>> kept;
};

inline transport_actor::behavior_type
world(transport_actor::stateful_pointer<world_state> self, int) {
  return {
    [self](const delivery_request_ptr& x) -> caf::result<delivery_answer> {
      auto& st = self->state;
      st.requests.push_back(std::get<http_request>(*x));
      if (st.silent) {
        auto promise = self->make_response_promise<delivery_answer>();
        st.kept.push_back(promise);
        return promise;
      }
      if (st.answers.empty())
        return delivery_answer{http_answer{200, "", "", ""}};
      auto next = st.answers.front();
      st.answers.pop_front();
      return delivery_answer{std::move(next)};
    },
    [self](std::uint64_t request, const delivery_answer& x) {
      self->state.kept.at(request).deliver(x);
    },
  };
}

struct destination_fixture : journal_fixture {
  telemetry_actor watcher;

  template <class... Ts>
  explicit destination_fixture(Ts&&... xs)
    : journal_fixture(std::forward<Ts>(xs)...) {
    watcher = spawn(telemetry, log);
  }

  struct reader_and_world {
    destination_actor actor;
    transport_actor other_side;
  };

  reader_and_world add(const std::string& name, delivery::options pace = {},
                       std::deque<http_answer> answers = {}) {
    reader_and_world x;
    x.other_side = spawn(world, 0);
    state_of<world_state>(x.other_side).answers = std::move(answers);
    destination_plan plan;
    plan.name = name;
    plan.kind = "plain";
    plan.pace = std::move(pace);
    plan.shaper = std::make_shared<plain_driver>();
    x.actor =
      spawn(destination, std::move(plan), log, x.other_side, watcher, ledger);
    return x;
  }

  world_state& other_side(const reader_and_world& x) {
    return state_of<world_state>(x.other_side);
  }

  /// Answers a request of a world that was silent.
  void answer(const reader_and_world& x, std::uint64_t request,
              http_answer with = {200, "", "", ""}) {
    send(x.other_side, request, delivery_answer{std::move(with)});
  }

  const std::vector<http_request>& requests(const reader_and_world& x) {
    return other_side(x).requests;
  }
};

} // namespace signalbox::test
