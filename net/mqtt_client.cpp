#include "net/mqtt_client.hpp"

#include "net/address.hpp"
#include "net/descriptor.hpp"
#include "net/mqtt_outbox.hpp"
#include "net/mqtt_session.hpp"
#include "net/name_lookup.hpp"
#include "net/worker_thread.hpp"

#include <algorithm>
#include <array>
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

// What is sent goes out on the sender's own thread whenever that is possible:
// waking another one costs more than to publish. So all but `submitted` is for
// whoever holds `work`: the client's thread, unless it waits, or a sender.
struct mqtt_client::impl {
  explicit impl(mqtt_options x)
    : options(std::move(x)),
      wake(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      outbox((options.tls ? "mqtts://" : "mqtt://")
               + host_port(options.host, options.port),
             options.max_inflight) {
    // nop
  }

  void run() {
    std::unique_lock working{work};
    for (;;) {
      const auto now = steady_clock::now();
      // First, so that the requests of the first moment wait for the outcome.
      if (!is_trying() && now >= next_attempt)
        look_up(now);
      if (!accept_submitted())
        break;
      check_lookup(now);
      check_session();
      publish();
      check_session();
      if (is_up())
        outbox.answer_complete();
      if (outbox.expire(now, is_up()))
        // Long before its keep-alive says so.
        lose("the broker has acknowledged nothing for too long");
      wait_and_step(working);
    }
    close(working);
  }

  // -- requests ---------------------------------------------------------------

  void submit(open_request x) {
    {
      const std::lock_guard lock{mutex};
      submitted.push_back(std::move(x));
      // Whoever was first sees to all that follow.
      if (submitted.size() > 1)
        return;
    }
    // TLS has its own ideas of signals, and its handshakes take their time.
    std::unique_lock working{work, std::defer_lock};
    if (options.tls || !working.try_lock() || !is_up()) {
      wake_up();
      return;
    }
    if (accept_submitted()) {
      publish();
      if (is_up())
        outbox.answer_complete();
    }
    const auto must_wake = needs_thread();
    if (must_wake)
      asleep_until = mono_time::min(); // Once is enough.
    tell_answers(working);
    if (must_wake)
      wake_up();
  }

  /// @returns False when the client is closing.
  bool accept_submitted() {
    std::vector<open_request> fresh;
    {
      const std::lock_guard lock{mutex};
      if (closing)
        return false;
      fresh.swap(submitted);
    }
    for (auto& x : fresh)
      if (is_trying())
        outbox.add(std::move(x));
      else
        outbox.answer(x, last_error);
    return true;
  }

  void publish() {
    if (is_up())
      outbox.hand_over(*session);
  }

  /// What an answer causes must not wait for us, and may send more.
  /// @param working Is released.
  void tell_answers(std::unique_lock<std::mutex>& working) {
    auto answers = outbox.take_answers();
    working.unlock();
    for (auto& x : answers)
      x.done(std::move(x.answer));
  }

  /// Whether the client's thread must look after something sooner than it
  /// would.
  [[nodiscard]] bool needs_thread() const {
    return !is_up() || session->interest().events != waits_for
           || outbox.next_expiry() < asleep_until;
  }

  void wake_up() const {
    eventfd_write(wake.get(), 1);
  }

  // -- the connection ---------------------------------------------------------

  /// Whether there is a connection or an attempt at one.
  [[nodiscard]] bool is_trying() const {
    return session || lookup;
  }

  [[nodiscard]] bool is_up() const {
    return session && session->state() == mqtt_session::stage::up;
  }

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

  /// Tells the answers, waits for the socket, a wake-up or the next deadline,
  /// and lets the session work.
  /// @param working Is released meanwhile.
  void wait_and_step(std::unique_lock<std::mutex>& working) {
    std::array<pollfd, 2> sockets{pollfd{wake.get(), POLLIN, 0}, pollfd{}};
    if (session)
      sockets[1] = session->interest();
    const auto patience = time_to_sleep();
    waits_for = sockets[1].events;
    asleep_until = steady_clock::now() + patience;
    tell_answers(working);
    poll(sockets.data(), session ? 2 : 1, static_cast<int>(patience.count()));
    working.lock();
    if (sockets[0].revents != 0) {
      eventfd_t count = 0;
      eventfd_read(wake.get(), &count);
    }
    if (session)
      session->step(sockets[1]);
  }

  [[nodiscard]] std::chrono::milliseconds time_to_sleep() const {
    const auto now = steady_clock::now();
    const auto due =
      std::min(is_trying() ? now + keep_alive_check : next_attempt,
               outbox.next_expiry());
    return std::clamp<std::chrono::milliseconds>(
      std::chrono::ceil<std::chrono::milliseconds>(due - now), 0ms, max_delay);
  }

  /// Reacts to what has happened to the session.
  void check_session() {
    if (!session)
      return;
    outbox.note_acknowledged(*session);
    if (session->state() == mqtt_session::stage::connecting
        && steady_clock::now() >= attempt_until)
      session->fail_with("the broker has not answered in time");
    if (session->state() == mqtt_session::stage::down)
      return lose(session->error());
    if (is_up() && !announced) {
      announced = true;
      ++outbox.now.connection;
      outbox.now.refused = false;
      delay = min_delay;
      last_error.clear();
      if (options.online)
        outbox.publish_notice(*session, *options.online);
    }
  }

  /// Lets the connection go and answers all that depends on it.
  void lose(std::string error) {
    const auto was_up = announced;
    const auto try_v4 = !was_up && session->is_v6() && !v4_only;
    const auto refused = session->refused();
    session.reset();
    announced = false;
    outbox.forget_outstanding();
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
    outbox.now.refused = refused;
    next_attempt = steady_clock::now() + delay;
    delay = std::min<std::chrono::seconds>(2 * delay, max_delay);
    outbox.answer_all(last_error);
  }

  /// Answers everybody, says goodbye as far as the broker listens.
  void close(std::unique_lock<std::mutex>& working) {
    constexpr auto words = "Signalbox is closing the connection";
    outbox.answer_all(words);
    for (auto& x : std::exchange(submitted, {}))
      outbox.answer(x, words);
    tell_answers(working);
    working.lock();
    if (!is_up())
      return;
    const auto until = steady_clock::now() + max_close_time;
    outbox.forget_outstanding();
    if (options.last_will)
      outbox.publish_notice(*session, *options.last_will);
    while (is_up() && outbox.has_outstanding() && steady_clock::now() < until) {
      wait_and_step(working);
      outbox.note_acknowledged(*session);
    }
    if (!is_up())
      return;
    session->disconnect();
    while (is_up() && session->interest().fd >= 0
           && steady_clock::now() < until)
      wait_and_step(working);
  }

  mqtt_options options;
  descriptor wake;

  std::mutex mutex;
  std::vector<open_request> submitted; ///< Guarded by `mutex`.
  bool closing = false;                ///< Guarded by `mutex`.

  std::mutex work; ///< Taken before `mutex`; guards all below.
  mqtt_outbox outbox;
  std::optional<name_lookup> lookup; ///< Before each session.
  std::unique_ptr<mqtt_session> session;
  bool announced = false; ///< The session has been seen to be up.
  bool v4_only = false;
  mono_time next_attempt;
  mono_time attempt_until;
  std::chrono::seconds delay = min_delay;
  std::string first_error; ///< Of the IPv6 attempt.
  std::string last_error = "not connected yet";
  mono_time asleep_until; ///< The thread, unless it is woken,
  short waits_for = 0;    ///< or this happens at the socket.

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
  impl_->wake_up();
  impl_->thread.join();
}

void mqtt_client::publish(mqtt_request request, on_answer done) {
  const auto deadline = steady_clock::now() + request.timeout;
  impl_->submit({std::move(request), std::move(done), deadline});
}

} // namespace signalbox::net
