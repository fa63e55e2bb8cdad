#include "net/service_manager.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include <systemd/sd-daemon.h>

namespace signalbox::net {

namespace {

/// systemd ignores messages of more than 4,096 bytes as a whole.
constexpr std::size_t max_status = 1'000;

bool tell(const std::string& state) {
  return sd_notify(0, state.c_str()) > 0;
}

/// One line: a second one would be another assignment to systemd.
std::string one_line(std::string_view text) {
  if (text.size() > max_status) {
    auto end = max_status;
    // Not in the middle of a UTF-8 character.
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U)
      --end;
    text = text.substr(0, end);
  }
  std::string line{text};
  std::replace_if(
    line.begin(), line.end(),
    [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return line;
}

} // namespace

bool notify_ready() {
  return tell("READY=1");
}

bool notify_reloading() {
  // CLOCK_MONOTONIC is what both the library's clock and systemd read.
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now);
  return tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(us.count()));
}

bool notify_stopping() {
  return tell("STOPPING=1");
}

bool notify_status(std::string_view text) {
  return tell("STATUS=" + one_line(text));
}

bool notify_failed(std::string_view reason) {
  return tell("STATUS=Failed: " + one_line(reason));
}

bool notify_alive() {
  return tell("WATCHDOG=1");
}

std::optional<duration> watchdog_interval() {
  std::uint64_t us = 0;
  if (sd_watchdog_enabled(0, &us) <= 0)
    return std::nullopt;
  return std::chrono::microseconds{us / 2};
}

} // namespace signalbox::net
