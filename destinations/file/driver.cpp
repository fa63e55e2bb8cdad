// File: one line an event, with rotation.
#include "destinations/driver.hpp"

#include "config/section.hpp"
#include "destinations/event_template.hpp"
#include "destinations/file/rotating_file.hpp"
#include "destinations/options.hpp"
#include "formats/event_json.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace signalbox {

namespace {

constexpr std::size_t batch = 1024;            // events a write
constexpr std::size_t most_reserved = 1 << 20; // bytes
constexpr auto gather = std::chrono::milliseconds(15);
constexpr std::int64_t most_files = 10'000;

class file_driver final : public driver {
public:
  file_driver(std::string path, rotation limits,
              std::optional<event_template> line)
    : path_(std::move(path)), limits_(limits), line_(std::move(line)) {
    // nop
  }

  [[nodiscard]] destination_traits traits() const override {
    return {.excess = excess_policy::wait, .batch = batch, .gather = gather};
  }

  transport_choice open_transport() override {
    return std::make_unique<rotating_file>(path_, limits_);
  }

  result<delivery_request> shape(std::span<const event* const> events,
                                 std::string_view) override {
    write_request request;
    request.bytes.reserve(
      std::min(events.size() * line_length_, most_reserved));
    for (const auto* x : events) {
      if (line_)
        line_->append_to(request.bytes, *x);
      else
        append_json(request.bytes, *x);
      request.bytes += '\n';
    }
    line_length_ = request.bytes.size() / events.size() * 9 / 8;
    return request;
  }

  /// Opens the file, and so says whether it can be written.
  std::optional<delivery_request> probe() override {
    return write_request{};
  }

  verdict judge(const delivery_answer& answer, wall_time) override {
    return judge_write(std::get<write_answer>(answer));
  }

private:
  std::string path_;
  rotation limits_;
  std::optional<event_template> line_; ///< Absent: JSON.
  std::size_t line_length_ = 0; ///< Bytes, a little more than it was last.
};

} // namespace

driver_ptr make_file(config::section& options) {
  refuse_digests(options);
  const auto path = options.text("path");
  options.require("path");
  auto rotate = options.table("rotate");
  rotation limits;
  limits.size = rotate.size("size", options.has("rotate") ? limits.size : 0);
  limits.keep =
    static_cast<unsigned>(rotate.integer("keep", limits.keep, 0, most_files));
  std::optional<event_template> line;
  if (options.has("template") || options.has("template_file")) {
    line = read_template(options, "template", {}, escape::plain);
    if (line && !line->has_fields())
      options.mistake("template", "has no {{field}}: every line would be the "
                                  "same");
  }
  if (!options.good())
    return nullptr;
  return std::make_unique<file_driver>(options.path(path), limits,
                                       std::move(line));
}

} // namespace signalbox
