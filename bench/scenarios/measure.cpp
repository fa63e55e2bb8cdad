#include "bench/scenarios/measure.hpp"

#include "bench/process/wait_for.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace signalbox::bench {

using namespace std::chrono_literals;

double measured::cpu_us_per_event() const {
  return std::chrono::duration<double, std::micro>{cpu}.count()
         / static_cast<double>(std::max<std::uint64_t>(received, 1));
}

double measured::lost_share() const {
  return static_cast<double>(lost)
         / static_cast<double>(std::max<std::uint64_t>(load.sent, 1));
}

double measured::events_per_second() const {
  return static_cast<double>(received)
         / std::chrono::duration<double>{load.took}.count();
}

result<measured> measure(const receive_floor& floor, load_plan plan) {
  plan.port = floor.port();
  const auto before = floor.received();
  const auto cpu = floor.process().cpu();
  const auto load = send_load(plan);
  if (!load)
    return tl::unexpected(load.error());
  wait_for([&] { return floor.received() - before == load->sent; }, 500ms);
  const auto received = floor.received() - before;
  return measured{*load, received, load->sent - received,
                  floor.process().cpu() - cpu};
}

result<measured> measure(engine& subject, load_plan plan,
                         std::uint64_t& sent_before) {
  plan.port = subject.port();
  const auto before = subject.books();
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

load_plan warm_up(load_plan plan) {
  plan.length = std::min(plan.length, 300ms);
  plan.must_hold = false;
  return plan;
}

result<measured> measure_warm(engine& subject, const load_plan& plan,
                              std::uint64_t& sent) {
  return measure(subject, warm_up(plan), sent).and_then([&](const auto&) {
    return measure(subject, plan, sent);
  });
}

result<measured> measure_floor(const receive_work& work,
                               const load_plan& plan) {
  const auto floor = receive_floor::start(work);
  if (!floor)
    return tl::unexpected(floor.error());
  return measure(*floor, warm_up(plan)).and_then([&](const auto&) {
    return measure(*floor, plan);
  });
}

result<measured> measure_engine(const settings& opts, const std::string& config,
                                const load_plan& plan) {
  auto subject = engine::start(opts, config);
  if (!subject)
    return tl::unexpected(subject.error());
  std::uint64_t sent = 0;
  auto got = measure_warm(*subject, plan, sent);
  if (!got)
    return got;
  return subject->stop().map([&] { return *got; });
}

load_plan paced(const settings& opts, wire_form form, std::uint64_t rate,
                std::chrono::milliseconds length) {
  load_plan plan;
  plan.form = form;
  plan.rate = rate;
  plan.length = opts.length(length);
  plan.must_hold = !opts.smoke;
  return plan;
}

std::string name_of(const load_plan& plan) {
  return fmt::format("{} {}/s", plan.form == wire_form::json ? "json" : "qlik",
                     plan.rate);
}

std::string journal_config(const std::string& store) {
  return fmt::format(R"([journal]
store = "{}"
[[limit]]
name = "per user"
key = ["user"]
rate = "1000000/s"
burst = 1000000
)",
                     store);
}

} // namespace signalbox::bench
