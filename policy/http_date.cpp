#include "policy/http_date.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace signalbox {

namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 7> days{
  "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
};

constexpr std::array<std::string_view, 12> months{
  "Jan", "Feb", "Mar", "Apr", "May", "Jun",
  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
};

/// Reads a date from the left; once something does not fit, nothing fits.
class reader {
public:
  explicit reader(std::string_view text) : rest_(text) {
    // nop
  }

  reader& literal(std::string_view expected) {
    if (rest_.starts_with(expected))
      rest_.remove_prefix(expected.size());
    else
      fits_ = false;
    return *this;
  }

  reader& number(std::size_t digits, int& value) {
    const auto text = rest_.substr(0, digits);
    fits_ =
      fits_ && text.size() == digits
      && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    if (!fits_)
      return *this;
    value = 0;
    for (const auto c : text)
      value = value * 10 + (c - '0');
    rest_.remove_prefix(digits);
    return *this;
  }

  /// One of `names`, by its first `length` characters; its index.
  template <std::size_t N>
  reader& name(const std::array<std::string_view, N>& names, std::size_t length,
               int& index) {
    const auto found = std::ranges::find_if(names, [&](std::string_view name) {
      return rest_.starts_with(name.substr(0, length));
    });
    if (found == names.end()) {
      fits_ = false;
      return *this;
    }
    rest_.remove_prefix(std::min(length, found->size()));
    index = static_cast<int>(found - names.begin());
    return *this;
  }

  /// A day of the month, the first digit of which may be a space.
  reader& padded_day(int& value) {
    if (rest_.starts_with(' '))
      return literal(" ").number(1, value);
    return number(2, value);
  }

  [[nodiscard]] bool done() const {
    return fits_ && rest_.empty();
  }

private:
  std::string_view rest_;
  bool fits_ = true;
};

struct fields {
  int weekday = 0;
  int year = 0;
  int month = 0; ///< From 0.
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
};

void read_time(reader& in, fields& x) {
  in.number(2, x.hour).literal(":").number(2, x.minute);
  in.literal(":").number(2, x.second);
}

/// "Sun, 06 Nov 1994 08:49:37 GMT"
bool read_fixed(std::string_view text, fields& x) {
  reader in{text};
  in.name(days, 3, x.weekday).literal(", ").number(2, x.day).literal(" ");
  in.name(months, 3, x.month).literal(" ").number(4, x.year).literal(" ");
  read_time(in, x);
  return in.literal(" GMT").done();
}

/// "Sunday, 06-Nov-94 08:49:37 GMT" (RFC 850)
bool read_rfc_850(std::string_view text, fields& x) {
  constexpr auto whole = std::string_view::npos;
  reader in{text};
  in.name(days, whole, x.weekday).literal(", ").number(2, x.day).literal("-");
  in.name(months, 3, x.month).literal("-").number(2, x.year).literal(" ");
  read_time(in, x);
  return in.literal(" GMT").done();
}

/// "Sun Nov  6 08:49:37 1994" (asctime)
bool read_asctime(std::string_view text, fields& x) {
  reader in{text};
  in.name(days, 3, x.weekday).literal(" ").name(months, 3, x.month);
  in.literal(" ").padded_day(x.day).literal(" ");
  read_time(in, x);
  return in.literal(" ").number(4, x.year).done();
}

std::optional<sys_seconds> to_time(const fields& x) {
  const auto date = year{x.year} / (x.month + 1) / x.day;
  // 60 is a leap second.
  if (!date.ok() || x.hour > 23 || x.minute > 59 || x.second > 60)
    return std::nullopt;
  return sys_days{date} + hours{x.hour} + minutes{x.minute} + seconds{x.second};
}

/// The century that makes `x`, with a year of two digits, the latest time that
/// is not more than 50 years ahead of `now`.
std::optional<sys_seconds> in_nearest_century(fields x, sys_seconds now) {
  const year_month_day today{floor<std::chrono::days>(now)};
  const auto this_year = static_cast<int>(today.year());
  x.year += this_year - this_year % 100 + 100;
  while (x.year > this_year + 50)
    x.year -= 100;
  return to_time(x);
}

} // namespace

std::optional<sys_seconds> parse_http_date(std::string_view text,
                                           sys_seconds now) {
  fields x;
  if (read_fixed(text, x) || read_asctime(text, x))
    return to_time(x);
  if (read_rfc_850(text, x))
    return in_nearest_century(x, now);
  return std::nullopt;
}

} // namespace signalbox
