// Lines appended to a file that is set aside when it has grown.
#pragma once

#include "destinations/driver.hpp"

#include <cstdint>
#include <string>

namespace signalbox {

/// Where lines go, and how much of them is kept.
struct rotation {
  std::uint64_t size = std::uint64_t{100} << 20; ///< Bytes; 0: never rotates.
  unsigned keep = 10; ///< Files besides the current: `path.1` is the newest.
};

/// Appends whole lines to `path`. Opens it at the first write and again after
/// an error or when somebody moved it away; makes its folder if there is none.
/// A line that was written in part only is taken back, or ended with a line
/// break before the next one.
class rotating_file final : public byte_writer {
public:
  rotating_file(std::string path, rotation limits);

  ~rotating_file() override;

  rotating_file(const rotating_file&) = delete;
  rotating_file& operator=(const rotating_file&) = delete;

  write_answer write(const write_request& request) override;

private:
  write_answer open();
  void close() noexcept;
  [[nodiscard]] bool moved_away() const;
  [[nodiscard]] bool must_rotate(std::size_t more) const;
  write_answer rotate();
  write_answer append(std::string_view bytes);

  std::string path_;
  rotation limits_;
  int fd_ = -1;
  bool regular_ = false; ///< Not a pipe or a device.
  std::uint64_t size_ = 0;
};

} // namespace signalbox
