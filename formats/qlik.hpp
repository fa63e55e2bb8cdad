// The lines that Qlik Sense's log appenders send: fields between separators
// that nobody escapes. Samples: tests/formats/corpus/.
#pragma once

#include "formats/reject.hpp"
#include "messages/clock.hpp"

#include <tl/expected.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace signalbox {

/// The fields of one line, as views into it; "(null)" has become empty.
struct qlik_line {
  std::string_view command;
  std::string_view host;
  std::string_view user_directory;
  std::string_view user_id;
  std::string_view origin;
  std::string_view context;
  std::string_view message;
  std::uint64_t row_number = 0;  ///< Only the extended appender's; else 0.
  std::optional<wall_time> sent; ///< Only the extended appender's.
  bool ambiguous = false; ///< Stray separators: other readings are possible.
};

/// Reads one line of any generation. Never loses text: what stands between
/// two fields that were recognised belongs to one of them, separators and all.
tl::expected<qlik_line, reject> read_qlik_line(std::string_view line) noexcept;

} // namespace signalbox
