// Output lines of a GPIO chip; libgpiod, of which versions 1 and 2 have nothing
// in common, is known to lines.cpp only.
#pragma once

#include "messages/failure.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace signalbox::lights {

/// Lines that are ours until this object ends; the kernel then does with them
/// what it likes. For one thread at a time.
class output_lines {
public:
  virtual ~output_lines() = default;

  /// Sets all lines at once, each to 0 or 1, in the order of the request.
  virtual result<void> set(const std::vector<int>& values) = 0;
};

struct line_request {
  std::string chip;              ///< A path, a name, or a label.
  std::vector<unsigned> offsets; ///< Of the lines on it.
  bool active_low = false;       ///< 1 means a low voltage.
};

using output_lines_ptr = std::unique_ptr<output_lines>;

/// Something that makes lines ours, as 0, or says why not.
using line_source =
  std::function<result<output_lines_ptr>(const line_request& request)>;

/// The kernel's.
result<output_lines_ptr> open_lines(const line_request& request);

} // namespace signalbox::lights
