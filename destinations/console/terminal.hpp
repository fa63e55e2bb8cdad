// Lines for people at a terminal.
#pragma once

#include "destinations/driver.hpp"
#include "messages/event.hpp"

#include <string>

namespace signalbox::console {

/// True if `fd` is a terminal and `NO_COLOR` is unset (no-color.org).
bool wants_colors(int fd);

/// Appends "09:15:02  Open connection   LAB/goran  pro2-win1  Sales dashboard",
/// without a line break; local time.
void append_line(std::string& out, const event& x, bool colors);

/// Appends a digest's lines, the first with its period in local time:
/// "09:15:02 to 09:15:11  1,234 events by 212 users in 10 s".
void append_digest(std::string& out, const digest& sum, bool colors);

/// Writes to an open file descriptor, which it does not own. When the reader
/// is gone, it says so instead of raising SIGPIPE.
class descriptor_writer final : public byte_writer {
public:
  explicit descriptor_writer(int fd) : fd_(fd) {
    // nop
  }

  write_answer write(const write_request& request) override;

private:
  int fd_;
};

} // namespace signalbox::console
