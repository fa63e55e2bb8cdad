#include "net/mqtt_client.hpp"

#include "net/address.hpp"
#include "net/descriptor.hpp"
#include "net/mqtt_requests.hpp"
#include "net/mqtt_session.hpp"
#include "net/name_lookup.hpp"
#include "net/worker_thread.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <poll.h>
#include <thread>
#include <vector>

#include <sys/eventfd.h>

namespace signalbox::net {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// From the look-up of the name to the broker's CONNACK.
constexpr auto max_connect_time = 10s;

constexpr auto min_delay = 1s;
constexpr auto max_delay = 30s;

/// How often libmosquitto must look after its keep-alive.
constexpr auto keep_alive_check = 1'000ms;

/// For the offline notice and the goodbye.
constexpr auto max_close_time = 2s;

} // namespace

// libmosquitto is handed no more than a window of messages. What exceeds it
// waits here, where a request that times out takes it back.
struct mqtt_client::impl {
  explicit impl(mqtt_options x)
    : options(std::move(x)),
      where((options.tls ? "mqtts://" : "mqtt://")
            + host_port(options.host, options.port)),
      wake(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    // nop
  }

  void run() {
    for (;;) {
      const auto now = steady_clock::now();
      // First, so that the requests of the first moment wait for the outcome.
      if (!is_trying() && now >= next_attempt)
        look_up(now);
      if (!accept_submitted())
        break;
      check_lookup(now);
      check_session();
      hand_over();
      check_session();
      answer_complete();
      expire(now);
      wait_and_step();
    }
    close();
  }

  // -- requests ---------------------------------------------------------------

  /// @returns False when the client is closing.
  bool accept_submitted() {
    std::vector<open_request> fresh;
    {
      const std::lock_guard lock{mutex};
      if (closing)
        return false;
      fresh.swap(submitted);
    }
    for (auto& x : fresh) {
      if (!is_trying()) {
        answer(x, last_error);
        continue;
      }
      next_expiry = std::min(next_expiry, x.deadline);
      open.push_back(std::move(x));
    }
    return true;
  }

  void answer(open_request& x, const std::string& error) {
    mqtt_answer result;
    result.acknowledged = x.certain_prefix();
    if (!error.empty())
      result.error = where + ": " + error;
    result.refused = last_refused;
    result.connection = connections;
    for (auto& message : outstanding)
      if (message.owner == &x)
        message.owner = nullptr;
    x.done(std::move(result));
  }

  void answer_all(const std::string& error) {
    // Moved away first: what an answer causes must not meet a half-answered
    // list.
    auto all = std::exchange(open, {});
    for (auto& x : all)
      answer(x, x.complete() ? std::string{} : error);
  }

  /// Answers those whose messages are all acknowledged, and those that can
  /// never be sent.
  void answer_complete() {
    if (!is_up())
      return;
    for (auto i = open.begin(); i != open.end();) {
      const auto probe = i->acknowledged.empty();
      if (!probe && i->handed_over == 0 && i->error.empty())
        break; // Its turn has not come, nor that of those behind it.
      if (!probe && !i->complete() && i->error.empty()) {
        ++i;
        continue;
      }
      answer(*i, i->error);
      i = open.erase(i);
    }
  }

  /// Answers those whose time is over. Looks only when the first is due.
  void expire(mono_time now) {
    if (now < next_expiry)
      return;
    next_expiry = mono_time::max();
    auto silent = false;
    for (auto i = open.begin(); i != open.end();) {
      if (i->deadline > now) {
        next_expiry = std::min(next_expiry, i->deadline);
        ++i;
        continue;
      }
      silent |=
        !outstanding.empty() && now - last_progress >= i->request.timeout / 2;
      answer(*i, is_up() ? "not all messages were acknowledged in time"
                         : "no connection in time");
      i = open.erase(i);
    }
    // The connection is dead, long before its keep-alive says so.
    if (silent)
      lose("the broker has acknowledged nothing for too long");
  }

  // -- messages ---------------------------------------------------------------

  /// Whether there is a connection or an attempt at one.
  [[nodiscard]] bool is_trying() const {
    return session || lookup;
  }

  [[nodiscard]] bool is_up() const {
    return session && session->state() == mqtt_session::stage::up;
  }

  /// Hands messages over in order as far as the window has room.
  void hand_over() {
    if (!is_up())
      return;
    for (auto& x : open) {
      auto& next = x.handed_over;
      while (next < x.request.publications.size() && x.error.empty()) {
        if (outstanding.size() >= options.max_inflight)
          return;
        const auto& [topic, payload] = x.request.publications[next];
        const auto id =
          session->publish(topic, payload, x.request.qos, x.request.retain);
        if (!is_up())
          return;
        if (id)
          expect({*id, &x, next++});
        else
          x.error = id.error();
        note_acknowledged();
      }
    }
  }

  void publish_notice(const mqtt_notice& x) {
    const auto id = session->publish(x.topic, x.payload, x.qos, x.retain);
    if (id)
      expect({*id, nullptr, 0});
    note_acknowledged();
  }

  void expect(outstanding_message x) {
    if (outstanding.empty())
      last_progress = steady_clock::now();
    outstanding.push_back(x);
  }

  void note_acknowledged() {
    for (const auto id : session->take_acknowledged()) {
      last_progress = steady_clock::now();
      const auto i = std::find_if(outstanding.begin(), outstanding.end(),
                                  [id](const auto& x) { return x.id == id; });
      if (i == outstanding.end())
        continue;
      if (i->owner != nullptr)
        i->owner->acknowledged[i->index] = true;
      outstanding.erase(i);
    }
  }

  // -- the connection ---------------------------------------------------------

  /// libmosquitto's own look-up would block. The one that it still makes
  /// comes right after this one has worked.
  void look_up(mono_time now) {
    attempt_until = now + max_connect_time;
    lookup.emplace(options.host, wake.get());
  }

  void check_lookup(mono_time now) {
    if (!lookup)
      return;
    const auto state = lookup->state();
    const auto pending = state == name_lookup::outcome::pending;
    if (pending && now < attempt_until)
      return;
    lookup.reset();
    if (state == name_lookup::outcome::found)
      return connect();
    retry_later(pending ? "the name server does not answer"
                        : "the name cannot be resolved",
                false);
  }

  void connect() {
    auto made = mqtt_session::make(options);
    if (!made)
      return retry_later(made.error().what, false);
    session = std::move(*made);
    session->connect(v4_only);
    check_session();
  }

  /// Waits for the socket, a wake-up or the next deadline, and lets the
  /// session work.
  void wait_and_step() {
    std::array<pollfd, 2> sockets{pollfd{wake.get(), POLLIN, 0}, pollfd{}};
    if (session)
      sockets[1] = session->interest();
    poll(sockets.data(), session ? 2 : 1, sleep_time());
    eventfd_t count = 0;
    eventfd_read(wake.get(), &count);
    if (session)
      session->step(sockets[1]);
  }

  [[nodiscard]] int sleep_time() const {
    const auto now = steady_clock::now();
    const auto due = std::min(
      is_trying() ? now + keep_alive_check : next_attempt, next_expiry);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - now);
    return static_cast<int>(
      std::clamp<std::chrono::milliseconds>(left, 0ms, max_delay).count());
  }

  /// Reacts to what has happened to the session.
  void check_session() {
    if (!session)
      return;
    note_acknowledged();
    if (session->state() == mqtt_session::stage::connecting
        && steady_clock::now() >= attempt_until)
      session->fail_with("the broker has not answered in time");
    if (session->state() == mqtt_session::stage::down)
      return lose(session->error());
    if (is_up() && !announced) {
      announced = true;
      ++connections;
      delay = min_delay;
      last_error.clear();
      last_refused = false;
      if (options.online)
        publish_notice(*options.online);
    }
  }

  /// Lets the connection go and answers all that depends on it.
  void lose(std::string error) {
    const auto was_up = announced;
    const auto try_v4 = !was_up && session->is_v6() && !v4_only;
    const auto refused = session->refused();
    session.reset();
    announced = false;
    outstanding.clear();
    if (try_v4 && !refused) {
      // A name can have addresses of both families and only one that works.
      v4_only = true;
      first_error = std::move(error);
      attempt_until = steady_clock::now() + max_connect_time;
      return connect();
    }
    if (!first_error.empty())
      error = std::exchange(first_error, {});
    if (!was_up)
      v4_only = false;
    retry_later(std::move(error), refused);
  }

  void retry_later(std::string error, bool refused) {
    last_error = std::move(error);
    last_refused = refused;
    next_attempt = steady_clock::now() + delay;
    delay = std::min<std::chrono::seconds>(2 * delay, max_delay);
    answer_all(last_error);
  }

  /// Answers everybody, says goodbye as far as the broker listens.
  void close() {
    constexpr auto words = "Signalbox is closing the connection";
    answer_all(words);
    for (auto& x : std::exchange(submitted, {}))
      answer(x, words);
    if (!is_up())
      return;
    const auto until = steady_clock::now() + max_close_time;
    outstanding.clear();
    if (options.last_will)
      publish_notice(*options.last_will);
    while (is_up() && !outstanding.empty() && steady_clock::now() < until) {
      wait_and_step();
      note_acknowledged();
    }
    if (!is_up())
      return;
    session->disconnect();
    while (is_up() && session->interest().fd >= 0
           && steady_clock::now() < until)
      wait_and_step();
  }

  mqtt_options options;
  std::string where; ///< "mqtt://host:1883"; no secrets.
  descriptor wake;

  std::mutex mutex;
  std::vector<open_request> submitted; ///< Guarded by `mutex`.
  bool closing = false;                ///< Guarded by `mutex`.

  // Of the thread only.
  std::optional<name_lookup> lookup; ///< Before each session.
  std::unique_ptr<mqtt_session> session;
  std::uint64_t connections = 0; ///< So far.
  bool announced = false;        ///< The session has been seen to be up.
  bool v4_only = false;
  mono_time next_attempt;
  mono_time attempt_until;
  std::chrono::seconds delay = min_delay;
  std::string first_error; ///< Of the IPv6 attempt.
  std::string last_error = "not connected yet";
  bool last_refused = false;
  std::list<open_request> open; ///< In order.
  std::deque<outstanding_message> outstanding;
  mono_time last_progress; ///< Of what is outstanding.
  mono_time next_expiry = mono_time::max();

  std::thread thread;
};

mqtt_client::mqtt_client(std::unique_ptr<impl> x) : impl_(std::move(x)) {
  auto* self = impl_.get();
  self->thread = start_worker("mqtt", [self] { self->run(); });
}

result<std::unique_ptr<mqtt_client>> mqtt_client::start(mqtt_options options) {
  if (const auto probe = mqtt_session::make(options); !probe)
    return tl::unexpected{probe.error()};
  auto x = std::make_unique<impl>(std::move(options));
  if (!x->wake)
    return fail(errc::socket,
                "cannot make an event descriptor: " + error_text(errno));
  return std::unique_ptr<mqtt_client>{new mqtt_client(std::move(x))};
}

mqtt_client::~mqtt_client() {
  {
    const std::lock_guard lock{impl_->mutex};
    impl_->closing = true;
  }
  eventfd_write(impl_->wake.get(), 1);
  impl_->thread.join();
}

void mqtt_client::publish(mqtt_request request, on_answer done) {
  open_request x;
  x.deadline = steady_clock::now() + request.timeout;
  x.acknowledged.resize(request.publications.size());
  x.request = std::move(request);
  x.done = std::move(done);
  auto first = false;
  {
    const std::lock_guard lock{impl_->mutex};
    first = impl_->submitted.empty();
    impl_->submitted.push_back(std::move(x));
  }
  if (first)
    eventfd_write(impl_->wake.get(), 1);
}

} // namespace signalbox::net
