#include "destinations/mqtt/session_topics.hpp"

#include "destinations/mqtt/topics.hpp"
#include "destinations/options.hpp"
#include "endpoints/mqtt_broker.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace signalbox::mqtt {

namespace {

// What Butler's users subscribe to.
constexpr auto default_count = "qliksense/users/active/count";
constexpr auto default_usernames = "qliksense/users/active/usernames";
constexpr auto default_per_server =
  "qliksense/users/activeperserver/{{host}}/count";

constexpr auto max_shown = 2 * session_topics::max_servers;

event event_on(std::string_view host) {
  event x;
  x.host = host;
  return x;
}

std::string read_plain(config::section& topics, std::string_view key,
                       std::string fallback) {
  auto topic = topics.text(key, std::move(fallback));
  if (topic.empty())
    return topic;
  if (topic.find("{{") != topic.npos)
    topics.mistake(key, "is one topic for all: it has no fields");
  else if (auto ok = check_topic(topic); !ok)
    topics.mistake(key, ok.error().what);
  return topic;
}

std::optional<event_template> read_per_server(config::section& topics) {
  constexpr auto key = "active_per_server";
  const auto text = topics.text(key, default_per_server);
  if (text.empty())
    return std::nullopt;
  auto topic = parse_template(topics, key, text, escape::topic_level);
  if (!topic)
    return std::nullopt;
  const auto one = topic->render(event_on("a"));
  if (topic->has_raw_fields())
    topics.mistake(key, "values in topics are always escaped: write "
                        "{{host}} with two braces");
  else if (auto ok = check_topic(one); !ok)
    topics.mistake(key, ok.error().what);
  else if (one == topic->render(event_on("b")))
    topics.mistake(key, "needs {{host}}, the name of the server, so that each "
                        "has a topic of its own");
  return topic;
}

std::string json_of_ids(const std::vector<active_user>& users) {
  rapidjson::StringBuffer out;
  rapidjson::Writer<rapidjson::StringBuffer> to{out};
  to.StartArray();
  const auto n = std::min(users.size(), session_topics::max_usernames);
  for (std::size_t i = 0; i < n; ++i)
    to.String(users[i].id.data(),
              static_cast<rapidjson::SizeType>(users[i].id.size()));
  to.EndArray();
  return {out.GetString(), out.GetSize()};
}

} // namespace

session_topics session_topics::read(config::section topics) {
  session_topics made;
  made.count_ = read_plain(topics, "active_count", default_count);
  made.usernames_ = read_plain(topics, "active_usernames", default_usernames);
  made.per_server_ = read_per_server(topics);
  return made;
}

std::vector<mqtt_publication>
session_topics::changes(const session_picture& x) {
  // Servers whose names differ in nothing but what a topic cannot hold share
  // one.
  std::map<std::string, std::uint64_t> users;
  if (per_server_)
    for (const auto& server : x.servers) {
      if (users.size() >= max_servers)
        break;
      auto topic = per_server_->render(event_on(server.name));
      if (check_topic(topic))
        users[std::move(topic)] += server.users;
    }
  // A server that has left the picture need not be remembered once it shows 0,
  // nor if there are too many of them.
  std::erase_if(shown_,
                [&, many = shown_.size() > max_shown](const auto& entry) {
                  const auto& [topic, payload] = entry;
                  return (many || payload == "0") && !users.contains(topic)
                         && topic != count_ && topic != usernames_;
                });
  std::map<std::string, std::string> wanted;
  for (const auto& [topic, payload] : shown_)
    wanted[topic] = "0";
  for (const auto& [topic, n] : users)
    wanted[topic] = std::to_string(n);
  if (!count_.empty())
    wanted[count_] = std::to_string(x.users.size());
  if (!usernames_.empty())
    wanted[usernames_] = json_of_ids(x.users);
  last_.clear();
  for (auto& [topic, payload] : wanted) {
    const auto [at, is_new] = shown_.try_emplace(topic);
    if (at->second != payload)
      last_.push_back({topic, std::move(payload)});
  }
  return last_;
}

void session_topics::published(std::size_t n) {
  for (std::size_t i = 0; i < std::min(n, last_.size()); ++i)
    shown_[last_[i].topic] = last_[i].payload;
  last_.clear();
}

void session_topics::forget() {
  for (auto& [topic, payload] : shown_)
    payload.reset();
}

} // namespace signalbox::mqtt
