// What mqtt_client keeps of its requests; of use to it only.
#pragma once

#include "messages/clock.hpp"
#include "messages/delivery.hpp"
#include "net/mqtt_client.hpp"
#include "net/mqtt_session.hpp"

#include <cstddef>
#include <deque>
#include <list>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::net {

/// A request that has not been answered yet.
struct open_request {
  open_request(mqtt_request x, mqtt_client::on_answer told, mono_time due)
    : request(std::move(x)),
      done(std::move(told)),
      deadline(due),
      acknowledged(request.publications.size()) {
    // nop
  }

  void acknowledge(std::size_t publication);

  /// A request without publications waits for a connection instead.
  [[nodiscard]] bool is_probe() const {
    return request.publications.empty();
  }

  /// Whether the broker has all of it.
  [[nodiscard]] bool is_complete() const {
    return !is_probe() && certain == request.publications.size();
  }

  mqtt_request request;
  mqtt_client::on_answer done;
  mono_time deadline;
  std::vector<bool> acknowledged; ///< One for each publication.
  std::size_t certain = 0;        ///< Acknowledged ones, from the first.
  std::size_t handed_over = 0;    ///< Publications, from the first.
  std::string error;              ///< Set: can never be sent.
};

/// The requests of one client, in order, and the messages that the broker has
/// not acknowledged yet. libmosquitto is handed no more than a window of
/// messages: what exceeds it waits here, where a request that times out takes
/// it back. Not thread-safe.
class mqtt_outbox {
public:
  /// @param where Whom errors are about: "mqtt://host:1883"; no secrets.
  /// @param window Unacknowledged messages, at most.
  mqtt_outbox(std::string where, std::size_t window)
    : where_(std::move(where)), window_(window) {
    // nop
  }

  /// What each answer tells of the connection.
  struct circumstances {
    bool refused = false;
    std::uint64_t connection = 0;
  };
  circumstances now;

  void add(open_request x);

  /// Hands messages over, in order, as far as the window has room and the
  /// session is up.
  void hand_over(mqtt_session& session);

  /// Publishes a message of the client's own.
  void publish_notice(mqtt_session& session, const mqtt_notice& x);

  /// Takes notice of what the broker has acknowledged.
  void note_acknowledged(mqtt_session& session);

  /// Answers those whose messages are all acknowledged, those that can never
  /// be sent, and probes: there is a connection.
  void answer_complete();

  /// Answers those whose time is over. Looks only when the first is due.
  /// @returns True if the broker has acknowledged nothing for so long that
  ///          the connection must be dead.
  [[nodiscard]] bool expire(mono_time time, bool is_up);

  /// The connection is gone, or the client ends.
  void answer_all(const std::string& error);

  /// Answers a request that is not in the outbox.
  void answer(open_request& x, const std::string& error);

  /// Forgets what is outstanding: its connection is gone.
  void forget_outstanding() {
    outstanding_.clear();
  }

  [[nodiscard]] bool has_outstanding() const {
    return !outstanding_.empty();
  }

  /// When the first request's time is over; may be too early, never too late.
  [[nodiscard]] mono_time next_expiry() const {
    return next_expiry_;
  }

  /// An answer that is to be told.
  struct telling {
    mqtt_client::on_answer done;
    mqtt_answer answer;
  };

  /// The answers since the last call, to be told where nobody is kept waiting
  /// and the outbox may be used.
  [[nodiscard]] std::vector<telling> take_answers() {
    return std::exchange(answers_, {});
  }

private:
  /// A message that the broker has not acknowledged yet.
  struct outstanding_message {
    int id = 0;
    open_request* owner = nullptr; ///< Null: nobody waits for it (any more).
    std::size_t index = 0;         ///< In the owner's publications.
  };

  void expect(outstanding_message x, mono_time at);
  void note_acknowledged(mqtt_session& session, mono_time at);

  std::string where_;
  std::size_t window_;
  std::list<open_request> open_; ///< In order.
  std::deque<outstanding_message> outstanding_;
  mono_time last_progress_; ///< Of what is outstanding.
  mono_time next_expiry_ = mono_time::max();
  std::vector<telling> answers_;
  std::vector<int> ids_; ///< Reused.
};

} // namespace signalbox::net
