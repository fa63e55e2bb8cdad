#include "bench/scenarios/peers.hpp"

#include "bench/process/wait_for.hpp"

#include <algorithm>

namespace signalbox::bench {

namespace {

using namespace std::chrono_literals;

} // namespace

result<measured> measure(const peer& subject, load_plan plan,
                         const arrival_count& arrived) {
  plan.port = subject.port();
  const auto cpu = subject.cpu();
  const auto dropped = subject.kernel_dropped();
  const auto before = arrived ? arrived() : 0;
  const auto load = send_load(plan);
  if (!load)
    return tl::unexpected(load.error());
  if (!arrived
      || !wait_for([&] { return arrived() - before >= load->sent; }, 3s))
    subject.settle();
  const auto got = arrived ? arrived() - before
                           : load->sent - (subject.kernel_dropped() - dropped);
  return measured{*load, got, load->sent - std::min(load->sent, got),
                  subject.cpu() - cpu};
}

result<void> for_peers(const settings& opts, const peer_task& task,
                       const peer_run& run) {
  for (const auto name : peer_names)
    if (!opts.smoke && peer::can(opts, name, task))
      if (auto done = run(name); !done)
        return done;
  return {};
}

result<measured> measure_peer(const settings& opts, std::string_view name,
                              const peer_task& task, const load_plan& plan,
                              const arrival_count& arrived) {
  const auto subject = peer::start(opts, name, task);
  if (!subject)
    return tl::unexpected(subject.error());
  return measure(*subject, warm_up(plan), arrived).and_then([&](const auto&) {
    return measure(*subject, plan, arrived);
  });
}

} // namespace signalbox::bench
