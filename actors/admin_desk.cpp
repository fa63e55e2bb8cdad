#include "actors/admin_desk.hpp"

#include "actors/failure_error.hpp"
#include "net/service_manager.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <future>
#include <memory>

namespace signalbox {

namespace {

using namespace std::chrono_literals;

constexpr duration picture_within = 2s;
constexpr duration letters_within = 10s;
constexpr duration change_within = 30s; // A disk, or files on a slow one.

// How often whoever waits looks whether the desk has closed.
constexpr auto look_interval = 50ms;

failure words_for(errc no, const caf::error& why) {
  if (why == caf::sec::runtime_error)
    return {no, words_of(why)};
  return {errc::not_available,
          why == caf::sec::request_timeout
            ? "the engine does not answer in time"
            : "the engine does not answer: " + to_string(why)};
}

} // namespace

// A scoped actor would wait to the end: but the one that is asked may be
// waiting for this very thread to end.
template <class T, class Handle, class... Ts>
result<T> admin_desk::ask(errc no, const Handle& whom, duration patience,
                          const Ts&... what) const {
  auto answer = std::make_shared<std::promise<result<T>>>();
  auto done = answer->get_future();
  sys_->spawn([=](caf::event_based_actor* self) {
    self->request(whom, caf::timespan{patience}, what...)
      .then([answer](const T& x) { answer->set_value(x); },
            [answer, no](const caf::error& why) {
              answer->set_value(tl::unexpected{words_for(no, why)});
            });
  });
  answer.reset();
  while (done.wait_for(look_interval) != std::future_status::ready)
    if (closed_)
      return fail(errc::not_available, "the engine is stopping");
  return done.get();
}

result<engine_picture_ptr> admin_desk::picture() const {
  return ask<engine_picture_ptr>(errc::not_available, telemetry_,
                                 picture_within, atoms::status::value);
}

result<letter_page_ptr> admin_desk::letters(const letter_query& x) const {
  return ask<letter_page_ptr>(errc::file, letters_, letters_within,
                              atoms::letters::value, x);
}

result<std::uint64_t> admin_desk::retry(const letter_query& x) const {
  return ask<std::uint64_t>(errc::file, supervisor_, change_within,
                            atoms::retry::value, x);
}

result<std::uint64_t> admin_desk::purge(const letter_query& x) const {
  return ask<std::uint64_t>(errc::file, letters_, change_within,
                            atoms::purge::value, x);
}

result<std::string> admin_desk::reload() const {
  return ask<std::string>(errc::bad_config, supervisor_, change_within,
                          atoms::reload::value);
}

void admin_desk::drain() const {
  net::notify_stopping();
  caf::anon_send(supervisor_, atoms::stop::value,
                 std::chrono::duration_cast<caf::timespan>(drain_));
}

void admin_desk::watch(const event_feed_ptr& feed) const {
  caf::anon_send(telemetry_, atoms::watch::value, feed);
}

} // namespace signalbox
