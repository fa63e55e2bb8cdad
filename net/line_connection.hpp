// One device that is spoken to in lines, over TCP.
#pragma once

#include "messages/clock.hpp"
#include "messages/failure.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace signalbox::net {

/// A TCP connection that we opened. Not thread-safe. Blocks until the deadline
/// at most. After a failure it is of no use: open another one.
class line_connection {
public:
  /// Bytes of a line; a longer one is a failure.
  static constexpr std::size_t max_line = 16'384;

  /// Looks the name up and connects.
  static result<line_connection> open(const std::string& host,
                                      std::uint16_t port, mono_time deadline);

  ~line_connection();
  line_connection(line_connection&&) noexcept;
  line_connection& operator=(line_connection&&) noexcept;

  /// Sends text as it is, all of it.
  result<void> send(std::string_view text, mono_time deadline);

  /// The next line without its end ("\n" or "\r\n"). None in time is a
  /// failure, and so is the connection's end.
  result<std::string> read_line(mono_time deadline);

private:
  struct impl;
  explicit line_connection(std::unique_ptr<impl> x);
  std::unique_ptr<impl> impl_;
};

} // namespace signalbox::net
