#include "policy/digest.hpp"

#include "policy/fold.hpp"
#include "policy/plain_text.hpp"

#include <algorithm>
#include <utility>

namespace signalbox {

namespace {

constexpr std::size_t max_name = 200;

/// DIRECTORY/id; the id alone where there is no directory.
std::string user_name(const event& x) {
  std::string name{x.user_directory};
  if (!name.empty())
    name += '/';
  name += x.user_id;
  return one_line(name, max_name);
}

} // namespace

void digest::add(const event& x) {
  first_ = events_ == 0 ? x.received : std::min(first_, x.received);
  last_ = events_ == 0 ? x.received : std::max(last_, x.received);
  ++events_;
  ++kinds_[static_cast<std::size_t>(x.kind)];
  const auto user = user_name(x);
  count(users_, folded(user), user);
  const auto app = x.app_name.empty() ? x.app_id : x.app_name;
  count(apps_, one_line(x.app_id.empty() ? app : x.app_id, max_name), app);
  count(hosts_, one_line(x.host, max_name), x.host);
}

std::vector<digest::ranked> digest::top_users(std::size_t n) const {
  return top(users_, n);
}

std::vector<digest::ranked> digest::top_apps(std::size_t n) const {
  return top(apps_, n);
}

std::vector<digest::ranked> digest::top_hosts(std::size_t n) const {
  return top(hosts_, n);
}

void digest::count(tally& names, std::string key, std::string_view name) {
  if (key.empty())
    return;
  auto place = names.find(key);
  if (place == names.end()) {
    // The last place is kept for the others.
    const auto full = names.size() + 1 >= max_names;
    if (full)
      key = others;
    place = names.try_emplace(std::move(key)).first;
    if (place->second.events == 0)
      place->second.name = full ? others : one_line(name, max_name);
  }
  ++place->second.events;
}

std::vector<digest::ranked> digest::top(const tally& names, std::size_t n) {
  std::vector<ranked> list;
  list.reserve(names.size());
  for (const auto& [key, entry] : names)
    list.push_back(entry);
  const auto end =
    list.begin() + static_cast<std::ptrdiff_t>(std::min(n, list.size()));
  std::partial_sort(
    list.begin(), end, list.end(), [](const ranked& x, const ranked& y) {
      return x.events != y.events ? x.events > y.events : x.name < y.name;
    });
  list.erase(end, list.end());
  return list;
}

} // namespace signalbox
