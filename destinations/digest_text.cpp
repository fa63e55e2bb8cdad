#include "destinations/digest_text.hpp"

#include "destinations/escape.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace signalbox {

namespace {

constexpr std::size_t top = 5;
constexpr std::size_t max_name = 60; // code points

/// "10 s", "5 min", "3 h": rounded up, so that it is never nothing.
std::string span_of(duration x) {
  using namespace std::chrono;
  if (x <= 120s)
    return std::to_string(std::max<std::int64_t>(1, ceil<seconds>(x).count()))
           + " s";
  if (x <= 120min)
    return std::to_string(ceil<minutes>(x).count()) + " min";
  return grouped(static_cast<std::uint64_t>(ceil<hours>(x).count())) + " h";
}

void add_ranking(std::vector<digest_list>& lists, std::string title,
                 std::vector<name_tally::entry> rows) {
  if (rows.empty())
    return;
  for (auto& row : rows)
    row.name = shorten(row.name, max_name);
  lists.push_back({std::move(title), std::move(rows)});
}

} // namespace

std::string grouped(std::uint64_t x) {
  auto text = std::to_string(x);
  for (auto i = text.size(); i > 3; i -= 3)
    text.insert(i - 3, ",");
  return text;
}

std::string headline(const digest& sum) {
  if (sum.events() == 1)
    return "1 event";
  return grouped(sum.events()) + " events in "
         + span_of(sum.last() - sum.first());
}

digest_list kinds_in(const digest& sum) {
  digest_list list{"Events", {}};
  for (std::size_t i = 0; i < static_cast<std::size_t>(event_kind::count);
       ++i) {
    const auto kind = static_cast<event_kind>(i);
    const auto command = command_of(kind);
    if (const auto n = sum.of_kind(kind); n > 0)
      list.rows.push_back(
        {command.empty() ? "Other" : std::string{command}, n});
  }
  std::ranges::stable_sort(list.rows, std::greater<>{},
                           &name_tally::entry::events);
  return list;
}

std::vector<digest_list> rankings_in(const digest& sum) {
  std::vector<digest_list> lists;
  add_ranking(lists, "Top users", sum.users().top(top));
  add_ranking(lists, "Top apps", sum.apps().top(top));
  add_ranking(lists, "Servers", sum.hosts().top(top));
  return lists;
}

} // namespace signalbox
