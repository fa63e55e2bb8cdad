// A USB lamp that is not there: umockdev stands in for the kernel, below the
// real hidapi and libudev. For programs that run under umockdev-wrapper.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::lights::test {

/// Hears what lamps are sent: "feature 01 63 …" or "output 00 01 …". Called
/// from umockdev's threads.
class report_log {
public:
  void add(std::string report);

  /// What came so far.
  [[nodiscard]] std::vector<std::string> all() const;

  void clear();

  /// From now on, prints each one as a line.
  void print(std::ostream& out);

private:
  mutable std::mutex mutex_;
  std::vector<std::string> reports_;
  std::ostream* out_ = nullptr;
};

/// A bus that lamps are plugged into. One a process.
class mock_bus {
public:
  struct lamp {
    std::uint16_t vendor = 0;
    std::uint16_t product = 0;
    std::string serial;
  };

  mock_bus();
  ~mock_bus();
  mock_bus(const mock_bus&) = delete;
  mock_bus& operator=(const mock_bus&) = delete;

  /// Makes /dev/hidraw<number>; each number once.
  void plug(unsigned number, const lamp& x);

  /// Takes it away: whoever has it open hears ENODEV.
  void unplug(unsigned number);

  /// Lets it refuse all reports (EPIPE), though it is there.
  void jam(unsigned number);

  /// Lets nobody but root open a device, or everybody again.
  void forbid(unsigned number);
  void allow(unsigned number);

  report_log reports;

private:
  struct state;

  /// Where a file really is.
  [[nodiscard]] std::string real(std::string_view path) const;

  std::unique_ptr<state> state_;
};

} // namespace signalbox::lights::test
