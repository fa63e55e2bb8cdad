#include "destinations/digest_text.hpp"

#include "destinations/escape.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

namespace signalbox {

namespace {

constexpr std::size_t top = 5;
constexpr std::size_t max_name = 60; // code points

/// "10 s", "5 min", "3 h": rounded, but never nothing.
std::string span_of(duration x) {
  using namespace std::chrono;
  if (x <= 120s)
    return std::to_string(std::max<std::int64_t>(1, round<seconds>(x).count()))
           + " s";
  if (x <= 120min)
    return std::to_string(ceil<minutes>(x).count()) + " min";
  return grouped(static_cast<std::uint64_t>(ceil<hours>(x).count())) + " h";
}

std::string plural(std::uint64_t n, std::string_view what) {
  return grouped(n).append(" ").append(what).append(n == 1 ? "" : "s");
}

void add_ranking(std::vector<digest_list>& lists, std::string_view title,
                 std::string_view title_of_some, const name_tally& names) {
  if (names.names() == 0)
    return;
  // One name takes no more room than "1 other".
  const auto all = names.complete() && names.names() <= top + 1;
  digest_list list;
  list.title = all ? title : title_of_some;
  list.rows = names.top(all ? names.names() : top);
  auto others = names.events();
  for (auto& row : list.rows) {
    row.name = shorten(row.name, max_name);
    others -= row.events;
  }
  if (others > 0)
    list.rows.push_back({(names.complete() ? "" : "over ")
                           + plural(names.names() - list.rows.size(), "other"),
                         others});
  lists.push_back(std::move(list));
}

} // namespace

std::string grouped(std::uint64_t x) {
  auto text = std::to_string(x);
  for (auto i = text.size(); i > 3; i -= 3)
    text.insert(i - 3, ",");
  return text;
}

std::string headline(const digest& sum) {
  auto text = plural(sum.events(), "event");
  if (const auto& users = sum.users(); users.names() > 0)
    text +=
      (users.complete() ? " by " : " by over ") + plural(users.names(), "user");
  if (sum.events() > 1)
    text += " in " + span_of(sum.last() - sum.first());
  return text;
}

std::string summary(const digest& sum) {
  auto text = headline(sum);
  std::string_view before = ": ";
  for (const auto& [name, events] : kinds_in(sum).rows) {
    text.append(before).append(grouped(events)).append(" ").append(name);
    before = ", ";
  }
  return text;
}

std::string spared(const digest& sum) {
  if (sum.events() < 2)
    return {};
  return "1 message instead of " + grouped(sum.events());
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
  add_ranking(lists, "Users", "Top users", sum.users());
  add_ranking(lists, "Apps", "Top apps", sum.apps());
  add_ranking(lists, "Servers", "Top servers", sum.hosts());
  return lists;
}

bool ends_on_another_day(const digest& sum) {
  return sum.last() - sum.first() >= std::chrono::hours{12};
}

} // namespace signalbox
