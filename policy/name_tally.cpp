#include "policy/name_tally.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace signalbox {

bool name_tally::count(std::string_view key) {
  const auto place = entries_.find(key);
  if (place == entries_.end())
    return false;
  ++place->second.events;
  ++events_;
  return true;
}

void name_tally::learn(std::string_view key, std::string name) {
  ++events_;
  if (entries_.size() < max_names)
    entries_.try_emplace(std::string{key}, entry{std::move(name), 1});
  else
    ++others_;
}

void name_tally::add(name_tally&& other) {
  // Most first, so that the places left go to those.
  std::vector<decltype(entries_)::node_type> nodes;
  nodes.reserve(other.entries_.size());
  while (!other.entries_.empty())
    nodes.push_back(other.entries_.extract(other.entries_.begin()));
  std::ranges::sort(nodes, [](const auto& x, const auto& y) {
    return std::make_tuple(y.mapped().events, std::cref(x.key()))
           < std::make_tuple(x.mapped().events, std::cref(y.key()));
  });
  for (auto& node : nodes) {
    const auto events = node.mapped().events;
    if (const auto known = entries_.find(node.key()); known != entries_.end())
      known->second.events += events;
    else if (entries_.size() < max_names)
      entries_.insert(std::move(node));
    else
      others_ += events;
  }
  events_ += std::exchange(other.events_, 0);
  others_ += std::exchange(other.others_, 0);
}

std::vector<name_tally::entry> name_tally::top(std::size_t n) const {
  std::vector<const entry*> all;
  all.reserve(entries_.size());
  for (const auto& [key, counted] : entries_)
    all.push_back(&counted);
  n = std::min(n, all.size());
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(n);
  std::ranges::partial_sort(all, end, [](const auto* x, const auto* y) {
    return x->events != y->events ? x->events > y->events : x->name < y->name;
  });
  std::vector<entry> list;
  list.reserve(n);
  for (auto i = all.begin(); i != end; ++i)
    list.push_back(**i);
  return list;
}

} // namespace signalbox
