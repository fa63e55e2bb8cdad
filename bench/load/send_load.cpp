#include "bench/load/send_load.hpp"

#include "bench/load/datagram_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <thread>
#include <utility>
#include <vector>

#include <sys/prctl.h>

namespace signalbox::bench {

namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

nanoseconds now(clockid_t clock) {
  timespec x{};
  ::clock_gettime(clock, &x);
  return std::chrono::seconds{x.tv_sec} + nanoseconds{x.tv_nsec};
}

void sleep_until(nanoseconds at) {
  const timespec x{at / 1s, (at % 1s).count()};
  while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &x, nullptr)
         == EINTR) {
    // A signal came early.
  }
}

/// One sender's part.
struct share {
  double rate;         ///< Datagrams a second.
  std::uint64_t total; ///< Datagrams.
  nanoseconds start;   ///< On the monotonic clock.
  nanoseconds step;
};

result<load_result> send_share(datagram_source source, const share& x) {
  // The kernel may otherwise wake a sleeper 50 µs late to save wake-ups.
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  load_result done;
  const auto cpu = now(CLOCK_THREAD_CPUTIME_ID);
  for (auto tick = x.start; done.sent < x.total; tick += x.step) {
    sleep_until(tick);
    const auto at = now(CLOCK_MONOTONIC);
    done.delay = std::max(done.delay, at - tick);
    tick += (at - tick) / x.step * x.step;
    const auto elapsed = std::chrono::duration<double>{at - x.start + x.step};
    const auto due = std::min(
      x.total, static_cast<std::uint64_t>(x.rate * elapsed.count() + 1e-6));
    while (done.sent < due) {
      const auto sent = source.send(due - done.sent);
      if (!sent)
        return tl::unexpected(sent.error());
      done.sent += *sent;
    }
  }
  done.took = now(CLOCK_MONOTONIC) - x.start;
  done.cpu = now(CLOCK_THREAD_CPUTIME_ID) - cpu;
  return done;
}

} // namespace

double load_result::rate() const {
  return static_cast<double>(sent)
         / std::chrono::duration<double>{took}.count();
}

result<load_result> send_load(const load_plan& plan) {
  const auto senders = std::max(plan.senders, 1U);
  const auto rate = static_cast<double>(plan.rate) / senders;
  const nanoseconds interval{static_cast<nanoseconds::rep>(1e9 / rate)};
  share each{rate, 0, 0ns, std::max(plan.step, interval)};
  each.total = plan.rate * static_cast<std::uint64_t>(plan.length.count())
               / 1000 / senders;
  const auto datagrams =
    plan.segmented ? equal_datagrams(plan.form) : sample_datagrams(plan.form);
  std::vector<datagram_source> sources;
  for (unsigned i = 0; i < senders; ++i) {
    auto x = datagram_source::connect(plan.port, datagrams, plan.segmented);
    if (!x)
      return tl::unexpected(x.error());
    sources.push_back(*std::move(x));
  }
  std::vector<result<load_result>> results(senders);
  std::vector<std::thread> threads;
  // Senders take turns within a step.
  const auto start = now(CLOCK_MONOTONIC) + 1ms;
  for (unsigned i = 0; i < senders; ++i)
    threads.emplace_back([&, i] {
      auto mine = each;
      mine.start = start + each.step * i / senders;
      results[i] = send_share(std::move(sources[i]), mine);
    });
  for (auto& x : threads)
    x.join();
  load_result sum;
  for (const auto& x : results) {
    if (!x)
      return x;
    sum.sent += x->sent;
    sum.took = std::max(sum.took, x->took);
    sum.cpu += x->cpu;
    sum.delay = std::max(sum.delay, x->delay);
  }
  if (plan.must_hold && !held_pace(plan, sum))
    return fail(errc::full,
                fmt::format("void: the load generator sent {:.0f} datagrams a "
                            "second instead of {}: this machine is too busy",
                            sum.rate(), plan.rate));
  return sum;
}

bool held_pace(const load_plan& plan, const load_result& x) {
  return x.rate() > 0.98 * static_cast<double>(plan.rate);
}

} // namespace signalbox::bench
