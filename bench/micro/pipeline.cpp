// The way of an event from a datagram in memory to a reader of the journal, in
// one process without sockets: as plain calls on one thread, and through the
// actors. Beside it the least: a copy of the same bytes.
#include "actors/journal.hpp"
#include "actors/limiter.hpp"
#include "actors/parser.hpp"
#include "actors/scheduling.hpp"
#include "actors/store.hpp"
#include "bench/load/samples.hpp"
#include "bench/micro/sample_events.hpp"
#include "policy/admission.hpp"
#include "storage/log_tail.hpp"
#include "storage/memory/memory_store.hpp"

#include <benchmark/benchmark.h>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include <cstring>
#include <ctime>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace {

using namespace signalbox;
using namespace std::chrono_literals;

constexpr auto batch_size = datagram_batch::max_datagrams;

/// More than are ever on their way, so that one is used again only when the
/// parser is done with it.
constexpr std::size_t most_batches = 320;
constexpr std::uint32_t batches_on_their_way = 256;

using wires = std::vector<datagram_batch_ptr>;

/// Full batches of the sample load.
/// @param count Few fit into the processor's caches, as fresh datagrams do.
wires datagrams(bench::wire_form form, std::size_t count) {
  const auto texts = bench::sample_datagrams(form);
  wires xs;
  for (std::size_t i = 0; i < count; ++i)
    xs.push_back(bench::wire_of(texts, batch_size, i * batch_size));
  return xs;
}

/// All pass, but each is looked up.
admission one_limit() {
  admission_rules rules;
  rules.limits.push_back({"per user", {key_field::user}, 1e6, 1e6});
  return *admission::make(std::move(rules));
}

/// The process's own time on all cores, in seconds.
double cpu_time() {
  timespec x{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &x);
  return static_cast<double>(x.tv_sec) + static_cast<double>(x.tv_nsec) / 1e9;
}

/// What every benchmark here tells: events a second of one core's time.
void tell(benchmark::State& state, std::uint64_t events, double cpu) {
  state.SetItemsProcessed(static_cast<std::int64_t>(events));
  state.counters["events_per_core_second"] = static_cast<double>(events) / cpu;
  state.counters["cpu_ns_per_event"] = 1e9 * cpu / static_cast<double>(events);
}

/// One thread's pipeline, with one reader that keeps up.
class calls {
public:
  calls() {
    ledger_.name_rules({}, {"per user"});
    log_.watch("reader");
  }

  void pass(const datagram_batch_ptr& wire) {
    now_ += 20us;
    auto batch = std::make_shared<event_batch>(wire);
    batch->events.reserve(wire->items.size());
    ledger_.received(wire->items.size());
    parse_tally parsed;
    for (const auto& x : wire->items)
      if (!parser_.parse(*wire, x, *batch))
        ++parsed.parsed;
    parsed.events = batch->events.size();
    ledger_.parsed(parsed);
    ledger_.limited(rules_.admit(batch->events, now_));
    const auto count = batch->events.size();
    if (log_.append(std::move(batch), now_, wall_time{now_.time_since_epoch()}))
      ledger_.journaled(count);
    const auto found = log_.read(next_, batch_size);
    if (const auto* piece = std::get_if<slice>(&found)) {
      events += piece->end - next_;
      next_ = piece->end;
    }
    progress x;
    x.at.where.next = next_;
    log_.advance("reader", std::move(x), now_);
  }

  std::uint64_t events = 0; ///< That the reader got.

private:
  wire_parser parser_{bench::parser_options(),
                      id_source{"bench", wall_time{}, 0}};
  admission rules_ = one_limit();
  storage::log_tail log_{storage::log_options{}, false, {}};
  books ledger_;
  mono_time now_{1s};
  sequence next_ = 1;
};

void pipeline(benchmark::State& state, bench::wire_form form) {
  const auto all = datagrams(form, 16);
  calls stages;
  std::size_t turn = 0;
  for (; turn < all.size(); ++turn)
    stages.pass(all[turn]);
  stages.events = 0;
  const auto before = cpu_time();
  while (state.KeepRunning())
    stages.pass(all[turn++ % all.size()]);
  tell(state, stages.events, cpu_time() - before);
  if (stages.events != state.iterations() * batch_size)
    state.SkipWithError("not every datagram reached the reader");
}
BENCHMARK_CAPTURE(pipeline, qlik, bench::wire_form::qlik)
  ->Name("signalbox/qlik");
BENCHMARK_CAPTURE(pipeline, json, bench::wire_form::json)
  ->Name("signalbox/json");

/// A copy of each datagram, as the least that passing it on can be.
void floor_of_pipeline(benchmark::State& state, bench::wire_form form) {
  const auto all = datagrams(form, 16);
  std::vector<char> to(2 * all.front()->bytes.size());
  std::size_t turn = 0;
  const auto before = cpu_time();
  while (state.KeepRunning()) {
    const auto& wire = *all[turn++ % all.size()];
    for (const auto& x : wire.items) {
      std::memcpy(to.data() + x.offset, wire.bytes.data() + x.offset, x.length);
      benchmark::ClobberMemory();
    }
  }
  tell(state, turn * batch_size, cpu_time() - before);
}
BENCHMARK_CAPTURE(floor_of_pipeline, qlik, bench::wire_form::qlik)
  ->Name("floor/qlik");
BENCHMARK_CAPTURE(floor_of_pipeline, json, bench::wire_form::json)
  ->Name("floor/json");

caf::actor_system_config& as_the_engine(caf::actor_system_config& cfg) {
  set_up_scheduler(cfg);
  return cfg;
}

/// The actors from the parser to the journal, as the supervisor spawns them.
class actors {
public:
  actors() {
    auto disk = std::make_shared<storage::memory_store>();
    auto log = std::make_shared<journal_plan>();
    log->durable = false;
    log->writer = system_.spawn<caf::detached>(store, disk);
    log->reader = system_.spawn<caf::detached>(store, disk);
    journal_ = system_.spawn(journal, log, ledger_);
    auto rules = std::make_shared<limiter_plan>();
    rules->rules = std::make_unique<admission>(one_limit());
    rules->limit_names = {"per user"};
    limiter_ = system_.spawn(limiter, rules, journal_, ledger_);
    parser_ =
      system_.spawn(parser,
                    parser_plan{"bench", bench::parser_options(), std::nullopt,
                                id_source{"bench", wall_time{}, 0}},
                    limiter_, ledger_);
  }

  ~actors() {
    self_->send_exit(parser_, caf::exit_reason::user_shutdown);
    self_->send_exit(limiter_, caf::exit_reason::user_shutdown);
    self_->send_exit(journal_, caf::exit_reason::user_shutdown);
  }

  actors(const actors&) = delete;
  actors& operator=(const actors&) = delete;

  /// Waits for credit, as ingest does.
  void pass(const datagram_batch_ptr& wire) {
    auto token = credit_->take(10s);
    wire->credit = std::move(token);
    ledger_->received(wire->items.size());
    self_->send(parser_, wire);
  }

  /// Until all that was passed is in the journal.
  void flush() {
    flush(parser_);
    flush(limiter_);
    flush(journal_);
  }

  [[nodiscard]] std::uint64_t journaled() const {
    return ledger_->picture().events.journaled;
  }

private:
  template <class Actor>
  void flush(const Actor& x) {
    self_->request(x, caf::infinite, atoms::flush::value)
      .receive([](caf::ok_atom) {}, [](const caf::error&) {});
  }

  caf::actor_system_config cfg_;
  caf::actor_system system_{as_the_engine(cfg_)};
  std::shared_ptr<books> ledger_ = std::make_shared<books>();
  std::shared_ptr<credit_line> credit_ =
    std::make_shared<credit_line>(batches_on_their_way);
  caf::scoped_actor self_{system_};
  journal_actor journal_;
  limiter_actor limiter_;
  parser_actor parser_;
};

/// With nobody behind the journal. Its time is the process's, all threads'.
void pipeline_of_actors(benchmark::State& state, bench::wire_form form) {
  const auto all = datagrams(form, most_batches);
  actors stages;
  std::size_t turn = 0;
  for (; turn < all.size(); ++turn)
    stages.pass(all[turn]);
  stages.flush();
  const auto first = stages.journaled();
  const auto before = cpu_time();
  while (state.KeepRunning())
    stages.pass(all[turn++ % all.size()]);
  stages.flush();
  tell(state, stages.journaled() - first, cpu_time() - before);
  if (stages.journaled() != turn * batch_size)
    state.SkipWithError("not every datagram reached the journal");
}
BENCHMARK_CAPTURE(pipeline_of_actors, qlik, bench::wire_form::qlik)
  ->Name("signalbox, through actors/qlik")
  ->UseRealTime();
BENCHMARK_CAPTURE(pipeline_of_actors, json, bench::wire_form::json)
  ->Name("signalbox, through actors/json")
  ->UseRealTime();

} // namespace

BENCHMARK_MAIN();
