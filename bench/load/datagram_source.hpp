// A socket that sends a few datagrams round and round, as fast as it is asked.
#pragma once

#include "messages/failure.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace signalbox::bench {

/// Everything that a call needs is made before, so that sending costs little
/// more than the kernel's part. Not thread-safe.
class datagram_source {
public:
  /// @param segmented All datagrams are of one length: the kernel splits a
  /// buffer into up to 64 of them (UDP_SEGMENT, since Linux 4.18).
  static result<datagram_source>
  connect(std::uint16_t port, const std::vector<std::string>& datagrams,
          bool segmented);

  ~datagram_source();
  datagram_source(datagram_source&&) noexcept;

  /// Sends the next datagrams, up to `most` of them, with one system call;
  /// returns how many the kernel took, at least one.
  result<std::uint64_t> send(std::uint64_t most);

private:
  struct impl;
  explicit datagram_source(std::unique_ptr<impl> x);
  std::unique_ptr<impl> impl_;
};

} // namespace signalbox::bench
