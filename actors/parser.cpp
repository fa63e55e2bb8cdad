#include "actors/parser.hpp"

#include "policy/plain_text.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

namespace signalbox {

namespace {

using self_ptr = parser_actor::stateful_pointer<parser_state>;

constexpr std::size_t logged_characters = 120;

bool is_allowed(const parser_state& st, const endpoint& source) {
  return !st.allow || std::ranges::any_of(*st.allow, [&](const auto& x) {
    return x.contains(source);
  });
}

void count(parse_tally& tally, reject_reason why) {
  switch (why) {
  case reject_reason::oversized:
    ++tally.oversized;
    break;
  case reject_reason::source:
    ++tally.source;
    break;
  case reject_reason::encoding:
    ++tally.encoding;
    break;
  case reject_reason::malformed:
  case reject_reason::count:
    ++tally.malformed;
    break;
  }
}

// A flood of noise must not become a flood of log lines.
void log_sample(self_ptr self, const datagram_batch& batch, const datagram& x,
                const reject& why) {
  auto& st = self->state;
  const auto now = self->clock().now();
  if (now - st.sample_second >= std::chrono::seconds(1)) {
    if (st.unlogged > 0)
      spdlog::warn("listener '{}': {} more datagrams were rejected",
                   st.listener, st.unlogged);
    st.sample_second = now;
    st.samples = 0;
    st.unlogged = 0;
  }
  if (st.samples == reject_samples) {
    ++st.unlogged;
    return;
  }
  ++st.samples;
  spdlog::warn("listener '{}': rejected a datagram of {} bytes from {} ({}: "
               "{}): {}",
               st.listener, x.length, address_text(x.source),
               to_string(why.why), why.detail,
               one_line(batch.text_of(x), logged_characters));
}

std::optional<reject> parse_one(parser_state& st, const datagram_batch& batch,
                                const datagram& x, event_batch& out) {
  if (!is_allowed(st, x.source))
    return reject{reject_reason::source, "the sender is not allowed"};
  const auto before = out.events.size();
  try {
    return st.formats->parse(batch, x, out);
  } catch (const std::exception&) {
    // A datagram must never end the parser: it loses only itself.
    out.events.resize(before);
    return reject{reject_reason::malformed, "the parser failed"};
  }
}

void parse(self_ptr self, const datagram_batch_ptr& batch) {
  auto& st = self->state;
  parse_tally tally;
  const auto bad_records = st.formats->bad_records();
  auto out = std::make_shared<event_batch>(batch);
  out->credit = std::move(batch->credit);
  out->events.reserve(batch->items.size());
  for (const auto& x : batch->items) {
    if (const auto why = parse_one(st, *batch, x, *out)) {
      count(tally, why->why);
      log_sample(self, *batch, x, *why);
    } else {
      ++tally.parsed;
    }
  }
  tally.events = out->events.size();
  tally.bad_records = st.formats->bad_records() - bad_records;
  st.ledger->parsed(tally);
  if (!out->events.empty())
    self->send(st.limiter, std::move(out));
}

void use(parser_state& st, parser_plan plan) {
  st.listener = std::move(plan.listener);
  st.allow = std::move(plan.allow);
  st.formats = std::make_unique<wire_parser>(std::move(plan.formats), plan.ids);
}

} // namespace

parser_actor::behavior_type parser(self_ptr self, parser_plan plan,
                                   limiter_actor limiter,
                                   std::shared_ptr<books> ledger) {
  auto& st = self->state;
  use(st, std::move(plan));
  st.limiter = std::move(limiter);
  st.ledger = std::move(ledger);
  return {
    [self](const datagram_batch_ptr& x) { parse(self, x); },
    [](atoms::flush) { return caf::ok_atom::value; },
    [self](const app_names_ptr& x) { self->state.formats->use(x); },
    [self](const parser_plan_ptr& x) { use(self->state, *x); },
  };
}

} // namespace signalbox
