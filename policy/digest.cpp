#include "policy/digest.hpp"

#include "policy/fold.hpp"
#include "policy/plain_text.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace signalbox {

namespace {

constexpr std::size_t max_name = 200; // characters shown
constexpr std::size_t max_key = 800;  // bytes that tell names apart

/// DIRECTORY/id; the id alone where there is no directory.
std::string user_name(const event& x) {
  std::string name{x.user_directory};
  if (!name.empty())
    name += '/';
  name += x.user_id;
  return name;
}

/// What is blank is no name.
void learn(name_tally& names, std::string_view key, std::string_view name) {
  if (auto shown = one_line(name, max_name); !shown.empty())
    names.learn(key, std::move(shown));
}

void count(name_tally& names, std::string_view key, std::string_view name) {
  key = key.substr(0, max_key);
  if (!key.empty() && !names.count(key))
    learn(names, key, name);
}

} // namespace

void digest::add(const event& x) {
  first_ = std::min(first_, x.received);
  last_ = std::max(last_, x.received);
  ++events_;
  ++kinds_[static_cast<std::size_t>(x.kind)];
  if (!x.user_id.empty()) {
    key_.clear();
    append_folded(key_, x.user_directory.substr(0, max_key));
    key_ += '/';
    append_folded(key_, x.user_id.substr(0, max_key));
    if (!users_.count(key_))
      learn(users_, key_, user_name(x));
  }
  count(apps_, x.app_id.empty() ? x.app_name : x.app_id,
        x.app_name.empty() ? x.app_id : x.app_name);
  count(hosts_, x.host, x.host);
}

void digest::add(digest&& other) {
  events_ += std::exchange(other.events_, 0);
  first_ = std::min(first_, std::exchange(other.first_, wall_time::max()));
  last_ = std::max(last_, std::exchange(other.last_, wall_time::min()));
  for (std::size_t i = 0; i < kinds_.size(); ++i)
    kinds_[i] += std::exchange(other.kinds_[i], 0);
  users_.add(std::move(other.users_));
  apps_.add(std::move(other.apps_));
  hosts_.add(std::move(other.hosts_));
}

} // namespace signalbox
