// Carries values to GPIO lines.
#pragma once

#include "endpoints/transport.hpp"
#include "lights/gpio/lines.hpp"

namespace signalbox::lights {

/// A request's bytes are one '0' or '1' a line. Asks for the lines at the first
/// one, and again at the first one after a failure.
class line_writer final : public byte_writer {
public:
  line_writer(line_request lines, line_source source);

  write_answer write(const write_request& request) override;

private:
  line_request request_;
  line_source source_;
  output_lines_ptr lines_; ///< Null while they are not ours.
};

} // namespace signalbox::lights
