#include "formats/timestamp.hpp"

#include "formats/event_json.hpp"

#include <algorithm>

namespace signalbox {

namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::sys_days;

constexpr bool is_digit(char x) {
  return x >= '0' && x <= '9';
}

/// Takes text from the front; once something is wrong, it stays wrong.
class scanner {
public:
  explicit scanner(std::string_view text) : rest_(text) {
    // nop
  }

  [[nodiscard]] bool good() const noexcept {
    return good_;
  }

  [[nodiscard]] bool at_end() const noexcept {
    return rest_.empty();
  }

  bool skip_one_of(std::string_view set) noexcept {
    if (rest_.empty() || set.find(rest_.front()) == set.npos)
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  void require_one_of(std::string_view set) noexcept {
    good_ = skip_one_of(set) && good_;
  }

  /// A number of exactly `digits` digits, at most `most`.
  int number(std::size_t digits, int most) noexcept {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (rest_.empty() || !is_digit(rest_.front())) {
        good_ = false;
        return 0;
      }
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    good_ = good_ && value <= most;
    return value;
  }

  /// The digits behind a decimal point; those below a nanosecond are dropped.
  nanoseconds fraction() noexcept {
    nanoseconds value{0};
    nanoseconds unit{100'000'000};
    if (at_end() || !is_digit(rest_.front()))
      good_ = false;
    for (; !at_end() && is_digit(rest_.front()); rest_.remove_prefix(1)) {
      value += unit * (rest_.front() - '0');
      unit /= 10;
    }
    return value;
  }

  minutes zone() noexcept {
    if (skip_one_of("Zz"))
      return minutes{0};
    const auto west = skip_one_of("-");
    if (!west)
      require_one_of("+");
    minutes value = hours{number(2, 23)};
    skip_one_of(":");
    value += minutes{number(2, 59)};
    return west ? -value : value;
  }

private:
  std::string_view rest_;
  bool good_ = true;
};

} // namespace

std::optional<wall_time> parse_timestamp(std::string_view text) noexcept {
  scanner in{text};
  const auto year = in.number(4, 2261);
  in.skip_one_of("-");
  const auto month = in.number(2, 12);
  in.skip_one_of("-");
  const auto day = in.number(2, 31);
  in.require_one_of("Tt ");
  nanoseconds time = hours{in.number(2, 23)};
  in.skip_one_of(":");
  time += minutes{in.number(2, 59)};
  in.skip_one_of(":");
  time += seconds{in.number(2, 60)}; // 60: a leap second
  if (in.skip_one_of(".,"))
    time += in.fraction();
  const auto zone = in.zone();
  const std::chrono::year_month_day date{
    std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
    std::chrono::day{static_cast<unsigned>(day)}};
  if (!in.good() || !in.at_end() || !date.ok() || year < 1969)
    return std::nullopt;
  constexpr wall_time first{sys_days{std::chrono::January / 1 / 1970}};
  constexpr wall_time last{sys_days{std::chrono::January / 1 / 2262}};
  const auto moment = wall_time{sys_days{date}} + time - zone;
  return moment >= first && moment < last ? std::optional{moment}
                                          : std::nullopt;
}

rfc3339_text text_of(wall_time x) noexcept {
  const auto day = floor<days>(x);
  const std::chrono::year_month_day date{day};
  const auto time = static_cast<unsigned>(floor<milliseconds>(x - day).count());
  rfc3339_text text;
  std::ranges::copy(std::string_view{"0000-00-00T00:00:00.000Z"}, text.begin());
  // By hand, for each event is written with its time.
  const auto put = [&text](std::size_t last, unsigned value) {
    for (; value != 0; value /= 10)
      text[last--] = static_cast<char>('0' + value % 10);
  };
  put(3, static_cast<unsigned>(static_cast<int>(date.year())));
  put(6, static_cast<unsigned>(date.month()));
  put(9, static_cast<unsigned>(date.day()));
  put(12, time / 3'600'000);
  put(15, time / 60'000 % 60);
  put(18, time / 1'000 % 60);
  put(22, time % 1'000);
  return text;
}

std::string to_rfc3339(wall_time x) {
  const auto text = text_of(x);
  return {text.data(), text.size()};
}

} // namespace signalbox
