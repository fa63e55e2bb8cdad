#include "net/mqtt_outbox.hpp"

#include <algorithm>
#include <chrono>

namespace signalbox::net {

using std::chrono::steady_clock;

void open_request::acknowledge(std::size_t publication) {
  acknowledged[publication] = true;
  while (certain < acknowledged.size() && acknowledged[certain])
    ++certain;
}

void mqtt_outbox::add(open_request x) {
  next_expiry_ = std::min(next_expiry_, x.deadline);
  open_.push_back(std::move(x));
}

void mqtt_outbox::hand_over(mqtt_session& session) {
  const auto at = steady_clock::now(); // This does not wait for anything.
  for (auto& x : open_) {
    auto& next = x.handed_over;
    while (next < x.request.publications.size() && x.error.empty()) {
      if (outstanding_.size() >= window_)
        return;
      const auto& [topic, payload] = x.request.publications[next];
      const auto id =
        session.publish(topic, payload, x.request.qos, x.request.retain);
      if (session.state() != mqtt_session::stage::up)
        return;
      if (id)
        expect({*id, &x, next++}, at);
      else
        x.error = id.error();
      note_acknowledged(session, at);
    }
  }
}

void mqtt_outbox::publish_notice(mqtt_session& session, const mqtt_notice& x) {
  const auto id = session.publish(x.topic, x.payload, x.qos, x.retain);
  const auto at = steady_clock::now();
  if (id)
    expect({*id, nullptr, 0}, at);
  note_acknowledged(session, at);
}

void mqtt_outbox::expect(outstanding_message x, mono_time at) {
  if (outstanding_.empty())
    last_progress_ = at;
  outstanding_.push_back(x);
}

void mqtt_outbox::note_acknowledged(mqtt_session& session) {
  note_acknowledged(session, steady_clock::now());
}

void mqtt_outbox::note_acknowledged(mqtt_session& session, mono_time at) {
  session.take_acknowledged(ids_);
  if (ids_.empty())
    return;
  last_progress_ = at;
  for (const auto id : ids_) {
    const auto i =
      std::ranges::find(outstanding_, id, &outstanding_message::id);
    if (i == outstanding_.end())
      continue;
    if (i->owner != nullptr)
      i->owner->acknowledge(i->index);
    outstanding_.erase(i);
  }
}

void mqtt_outbox::answer_complete() {
  for (auto i = open_.begin(); i != open_.end();) {
    if (!i->is_probe() && i->handed_over == 0 && i->error.empty())
      break; // Its turn has not come, nor that of those behind it.
    if (!i->is_probe() && !i->is_complete() && i->error.empty()) {
      ++i;
      continue;
    }
    answer(*i, i->error);
    i = open_.erase(i);
  }
}

bool mqtt_outbox::expire(mono_time time, bool is_up) {
  if (time < next_expiry_)
    return false;
  next_expiry_ = mono_time::max();
  auto silent = false;
  for (auto i = open_.begin(); i != open_.end();) {
    if (i->deadline > time) {
      next_expiry_ = std::min(next_expiry_, i->deadline);
      ++i;
      continue;
    }
    silent |=
      !outstanding_.empty() && time - last_progress_ >= i->request.timeout / 2;
    answer(*i, is_up ? "not all messages were acknowledged in time"
                     : "no connection in time");
    i = open_.erase(i);
  }
  return silent;
}

void mqtt_outbox::answer_all(const std::string& error) {
  for (auto& x : open_)
    answer(x, x.is_complete() ? std::string{} : error);
  open_.clear();
}

void mqtt_outbox::answer(open_request& x, const std::string& error) {
  mqtt_answer result;
  result.acknowledged = x.certain;
  if (!error.empty())
    result.error = where_ + ": " + error;
  result.refused = now.refused;
  result.connection = now.connection;
  for (auto& message : outstanding_)
    if (message.owner == &x)
      message.owner = nullptr;
  answers_.push_back({std::move(x.done), std::move(result)});
}

} // namespace signalbox::net
