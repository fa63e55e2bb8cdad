#include "bench/scenarios/measure.hpp"

#include "bench/process/wait_for.hpp"

#include <algorithm>

namespace signalbox::bench {

namespace {

using namespace std::chrono_literals;

/// What comes before: memory is mapped, caches are filled.
load_plan warm_up(load_plan plan) {
  plan.length = std::min(plan.length, 300ms);
  return plan;
}

} // namespace

double measured::cpu_us_per_event() const {
  return std::chrono::duration<double, std::micro>{cpu}.count()
         / static_cast<double>(std::max<std::uint64_t>(received, 1));
}

result<measured> measure(const receive_floor& floor, load_plan plan) {
  plan.port = floor.port();
  const auto send = [&](const load_plan& x) -> result<measured> {
    const auto before = floor.received();
    const auto cpu = floor.process().cpu();
    const auto load = send_load(x);
    if (!load)
      return tl::unexpected(load.error());
    wait_for([&] { return floor.received() - before == load->sent; }, 500ms);
    const auto received = floor.received() - before;
    return measured{*load, received, load->sent - received,
                    floor.process().cpu() - cpu};
  };
  return send(warm_up(plan)).and_then([&](const auto&) { return send(plan); });
}

result<measured> measure(engine& subject, load_plan plan,
                         std::uint64_t& sent_before) {
  plan.port = subject.port();
  const auto send = [&](const load_plan& x) -> result<ledger> {
    const auto load = send_load(x);
    if (!load)
      return tl::unexpected(load.error());
    sent_before += load->sent;
    return subject.delivered(sent_before, 30s);
  };
  const auto before = send(warm_up(plan));
  if (!before)
    return tl::unexpected(before.error());
  const auto cpu = subject.process().cpu();
  const auto load = send_load(plan);
  if (!load)
    return tl::unexpected(load.error());
  sent_before += load->sent;
  const auto after = subject.delivered(sent_before, 30s);
  if (!after)
    return tl::unexpected(after.error());
  return measured{
    *load, of(after->ingest, "received") - of(before->ingest, "received"),
    after->lost() - before->lost(), subject.process().cpu() - cpu};
}

} // namespace signalbox::bench
