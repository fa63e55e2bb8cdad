#include "actors/letter_params.hpp"

#include "config/units.hpp"
#include "policy/plain_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>
#include <type_traits>

namespace signalbox {

namespace {

constexpr std::size_t shown_characters = 60;

tl::unexpected<failure> wrong(std::string_view name, std::string_view value,
                              std::string_view why) {
  return fail(errc::usage, fmt::format("{} '{}' {}", name,
                                       one_line(value, shown_characters), why));
}

result<std::uint64_t> number(std::string_view name, std::string_view value,
                             std::uint64_t least, std::uint64_t most) {
  std::uint64_t x = 0;
  const auto* end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, x);
  if (error != std::errc{} || stop != end || x < least || x > most)
    return wrong(name, value,
                 fmt::format("is no number from {} to {}", least, most));
  return x;
}

result<wall_time> age(std::string_view value, wall_time now) {
  const auto x = config::parse_duration(value);
  if (!x)
    return wrong("older_than", value, x.error().what);
  return now - std::min<duration>(*x, now.time_since_epoch());
}

/// Sets what one parameter says; false if there is none of that name.
result<bool> set(letter_query& to, const std::string& name,
                 const std::string& value, wall_time now) {
  constexpr auto most_id = std::numeric_limits<std::int64_t>::max();
  const auto set_number = [&](auto& field, std::uint64_t least,
                              std::uint64_t most) -> result<bool> {
    const auto x = number(name, value, least, most);
    if (!x)
      return tl::unexpected{x.error()};
    field = static_cast<std::remove_reference_t<decltype(field)>>(*x);
    return true;
  };
  if (name == "id")
    return set_number(to.id, 1, most_id);
  if (name == "after")
    return set_number(to.after, 0, most_id);
  if (name == "limit")
    return set_number(to.limit, 1, most_letters_a_page);
  if (name == "destination") {
    to.destination = value;
    return true;
  }
  if (name == "reason") {
    to.reason = dead_reason_from_name(value);
    if (!to.reason)
      return wrong(name, value, "is none of refused, exhausted, unavailable");
    return true;
  }
  if (name == "older_than") {
    const auto x = age(value, now);
    if (!x)
      return tl::unexpected{x.error()};
    to.buried_before = *x;
    return true;
  }
  return false;
}

bool is_filtered(const letter_query& x) {
  return x.id != 0 || !x.destination.empty() || x.reason || x.buried_before;
}

// What is not understood is refused: a slip of the pen must not turn a few
// letters into many.
result<letter_query> read(const letter_params& params, wall_time now,
                          bool is_page) {
  letter_query out;
  for (const auto& [name, value] : params) {
    if (params.count(name) > 1)
      return fail(errc::usage, fmt::format("{} is given twice",
                                           one_line(name, shown_characters)));
    if (value.empty() && is_page)
      continue;
    if (value.empty())
      return wrong(name, value, "has no value");
    if (name == "all" && !is_page) {
      if (value != "true")
        return wrong(name, value, "is not true");
      continue;
    }
    result<bool> known = false;
    if (is_page || (name != "after" && name != "limit"))
      known = set(out, name, value, now);
    if (!known)
      return tl::unexpected{known.error()};
    if (!*known)
      return fail(errc::usage,
                  fmt::format("unknown parameter '{}'; there are id, "
                              "destination, reason, older_than{}",
                              one_line(name, shown_characters),
                              is_page ? ", after, limit" : ", all"));
  }
  if (params.contains("all") && is_filtered(out))
    return fail(errc::usage, "all goes without id, destination, reason and "
                             "older_than");
  return out;
}

} // namespace

result<letter_query> letters_to_list(const letter_params& x, wall_time now) {
  return read(x, now, true);
}

result<letter_query> letters_to_retry(const letter_params& x, wall_time now) {
  return read(x, now, false);
}

result<letter_query> letters_to_purge(const letter_params& x, wall_time now) {
  auto out = read(x, now, false);
  if (out && !is_filtered(*out) && !x.contains("all"))
    return fail(errc::usage,
                "say which dead letters to delete: id, destination, reason or "
                "older_than; or all=true for all of them");
  return out;
}

} // namespace signalbox
