#include "lights/gpio/line_writer.hpp"

#include <utility>

namespace signalbox::lights {

line_writer::line_writer(line_request lines, line_source source)
  : request_(std::move(lines)), source_(std::move(source)) {
  // nop
}

write_answer line_writer::write(const write_request& request) {
  if (!lines_) {
    auto lines = source_(request_);
    if (!lines)
      return {lines.error().what};
    lines_ = std::move(*lines);
  }
  std::vector<int> values;
  for (const auto x : request.bytes)
    values.push_back(x == '1' ? 1 : 0);
  const auto done = lines_->set(values);
  if (done)
    return {};
  lines_.reset();
  return {done.error().what};
}

} // namespace signalbox::lights
