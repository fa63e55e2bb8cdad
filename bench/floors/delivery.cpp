#include "bench/floors/delivery.hpp"

#include "bench/process/child.hpp"
#include "bench/process/shared.hpp"
#include "bench/process/wait_for.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <unistd.h>

namespace signalbox::bench {

namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr auto patience = 60s;

nanoseconds now(clockid_t clock) {
  timespec x{};
  ::clock_gettime(clock, &x);
  return std::chrono::seconds{x.tv_sec} + nanoseconds{x.tv_nsec};
}

/// What the process tells about itself before it ends.
struct last_will {
  delivery_cost cost;
  std::array<char, 200> failure{};
};

} // namespace

pace::pace(const delivery_plan& plan) : plan_(plan) {
  // nop
}

std::uint64_t pace::due() const {
  if (plan_.rate == 0)
    return plan_.count;
  const auto steps = (clock::now() - start_) / plan_.step + 1;
  const std::chrono::duration<double> length = steps * plan_.step;
  return std::min(plan_.count,
                  static_cast<std::uint64_t>(plan_.rate * length.count()));
}

nanoseconds pace::rest() const {
  return plan_.rate == 0 ? 0ns
                         : plan_.step - (clock::now() - start_) % plan_.step;
}

result<delivery_cost> measure_apart(
  const std::function<std::string(const std::function<void()>& ready)>& body) {
  auto said = shared<last_will>::make();
  if (!said)
    return tl::unexpected(said.error());
  auto process = child::fork([&] {
    nanoseconds cpu{};
    nanoseconds start{};
    const auto failure = body([&] {
      start = now(CLOCK_MONOTONIC);
      cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    });
    auto& mine = **said;
    mine.cost = {now(CLOCK_PROCESS_CPUTIME_ID) - cpu,
                 now(CLOCK_MONOTONIC) - start};
    failure.copy(mine.failure.data(), mine.failure.size() - 1);
    ::_exit(failure.empty() ? 0 : 1);
  });
  if (!process)
    return tl::unexpected(process.error());
  wait_for([&] { return !process->alive(); }, patience);
  const auto status = process->stop();
  if (status == 0)
    return (*said)->cost;
  const std::string words{(*said)->failure.data()};
  return fail(errc::network,
              "the floor failed: "
                + (words.empty() ? "status " + std::to_string(status) : words));
}

} // namespace signalbox::bench
