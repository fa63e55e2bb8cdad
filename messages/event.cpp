#include "messages/event.hpp"

#include <algorithm>
#include <functional>

namespace signalbox {

namespace {

struct kind_row {
  std::string_view name;
  std::string_view command;
};

constexpr std::array kinds{
  kind_row{"session_start", "Start session"},
  kind_row{"session_stop", "Stop session"},
  kind_row{"connection_open", "Open connection"},
  kind_row{"connection_close", "Close connection"},
  kind_row{"other", ""},
};

static_assert(kinds.size() == static_cast<std::size_t>(event_kind::count),
              "each kind has a name and a command");

constexpr std::uint64_t low_bits(std::uint64_t x, unsigned n) {
  return x & ((std::uint64_t{1} << n) - 1);
}

} // namespace

std::string_view to_string(event_kind kind) noexcept {
  return kinds[static_cast<std::size_t>(kind)].name;
}

std::optional<event_kind> kind_from_name(std::string_view name) noexcept {
  const auto* row = std::ranges::find(kinds, name, &kind_row::name);
  if (row == kinds.end())
    return std::nullopt;
  return static_cast<event_kind>(row - kinds.begin());
}

std::string_view command_of(event_kind kind) noexcept {
  return kinds[static_cast<std::size_t>(kind)].command;
}

event_kind kind_from_command(std::string_view command) noexcept {
  const auto* row = std::ranges::find(kinds, command, &kind_row::command);
  if (row == kinds.end() || command.empty())
    return event_kind::other;
  return static_cast<event_kind>(row - kinds.begin());
}

event_id_text text_of(const event_id& id) noexcept {
  constexpr std::string_view digits = "0123456789abcdef";
  event_id_text text;
  auto* to = text.data();
  const auto put = [&](std::uint64_t bits, unsigned nibbles) {
    while (nibbles-- > 0)
      *to++ = digits[bits >> 4 * nibbles & 0xf];
  };
  put(id.high >> 32, 8);
  *to++ = '-';
  put(id.high >> 16, 4);
  *to++ = '-';
  put(id.high, 4);
  *to++ = '-';
  put(id.low >> 48, 4);
  *to++ = '-';
  put(id.low, 12);
  return text;
}

std::string to_string(const event_id& id) {
  const auto text = text_of(id);
  return {text.data(), text.size()};
}

id_source::id_source(std::string_view node, wall_time boot,
                     std::uint8_t lane) noexcept
  : node_(low_bits(std::hash<std::string_view>{}(node), 12)) {
  // 62 bits behind the variant: 6 lane, 20 boot, 36 counter.
  const auto boot_bits =
    std::hash<std::int64_t>{}(boot.time_since_epoch().count() / 1000);
  origin_ = low_bits(lane, 6) << 56 | low_bits(boot_bits, 20) << 36;
}

event_id id_source::next(wall_time now) noexcept {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  const auto ms = static_cast<std::uint64_t>(
    duration_cast<milliseconds>(now.time_since_epoch()).count());
  event_id id;
  id.high = low_bits(ms, 48) << 16 | std::uint64_t{7} << 12 | node_;
  id.low = std::uint64_t{2} << 62 | origin_ | low_bits(counter_++, 36);
  return id;
}

} // namespace signalbox
