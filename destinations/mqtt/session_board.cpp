#include "destinations/mqtt/session_board.hpp"

#include <utility>
#include <variant>

namespace signalbox::mqtt {

std::optional<session_board>
session_board::read(config::section& options, const net::mqtt_options& broker,
                    int qos, std::chrono::milliseconds timeout) {
  auto table = options.table("sessions");
  session_board made;
  const auto publish = table.flag("publish", false);
  made.blank_.retain = table.flag("retain", false);
  made.blank_.qos = qos;
  made.blank_.timeout = timeout;
  made.topics_ = session_topics::read(options.table("topics"));
  if (!publish)
    return std::nullopt;
  if (made.topics_.empty())
    options.mistake("sessions", "all topics of active users are empty: "
                                "nothing would be published");
  made.broker_ = broker;
  if (!made.broker_.client_id.empty())
    made.broker_.client_id += "-sessions";
  made.broker_.online.reset();
  made.broker_.last_will.reset();
  return made;
}

transport_choice session_board::open_transport() {
  return broker_;
}

std::optional<delivery_request> session_board::shape(const session_picture& x) {
  auto changes = topics_.changes(x);
  if (changes.empty())
    return std::nullopt;
  auto request = blank_;
  request.publications = std::move(changes);
  return request;
}

delivery_request session_board::probe() {
  topics_.published(0);
  return blank_;
}

std::string session_board::judge(const delivery_answer& answer) {
  const auto& x = std::get<mqtt_answer>(answer);
  if (!x.error.empty()
      || std::exchange(connection_, x.connection) != x.connection)
    topics_.forget();
  topics_.published(x.error.empty() ? x.acknowledged : 0);
  return x.error;
}

} // namespace signalbox::mqtt
