// Console: one line an event on the standard output.
#include "destinations/driver.hpp"

#include "config/section.hpp"
#include "destinations/console/terminal.hpp"
#include "destinations/event_template.hpp"
#include "destinations/options.hpp"
#include "formats/event_json.hpp"

#include <memory>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>

namespace signalbox {

namespace {

constexpr std::size_t batch = 1024; // events a write

enum class line_format : std::uint8_t { text, json };

class console_driver final : public driver {
public:
  console_driver(line_format format, bool colors,
                 std::optional<event_template> line)
    : format_(format), colors_(colors), line_(std::move(line)) {
    // nop
  }

  [[nodiscard]] destination_traits traits() const override {
    return {.excess = excess_policy::wait, .batch = batch};
  }

  transport_choice open_transport() override {
    return std::make_unique<console::descriptor_writer>(STDOUT_FILENO);
  }

  result<delivery_request> shape(std::span<const event* const> events,
                                 std::string_view) override {
    write_request request;
    for (const auto* x : events) {
      if (line_)
        line_->append_to(request.bytes, *x);
      else if (format_ == line_format::json)
        append_json(request.bytes, *x);
      else
        console::append_line(request.bytes, *x, colors_);
      request.bytes += '\n';
    }
    return request;
  }

  result<delivery_request> shape_digest(const digest& sum,
                                        std::string_view) override {
    write_request request;
    console::append_digest(request.bytes, sum, colors_);
    return request;
  }

  std::optional<delivery_request> probe() override {
    return std::nullopt;
  }

  verdict judge(const delivery_answer& answer, wall_time) override {
    return judge_write(std::get<write_answer>(answer));
  }

private:
  line_format format_;
  bool colors_;
  std::optional<event_template> line_; ///< Instead of `format_`.
};

} // namespace

driver_ptr make_console(config::section& options) {
  const auto format =
    static_cast<line_format>(options.choice("format", 0, {"text", "json"}));
  if (format == line_format::json)
    refuse_digests(options);
  const auto color = options.choice("color", 0, {"auto", "always", "never"});
  const auto colors =
    color == 1 || (color == 0 && console::wants_colors(STDOUT_FILENO));
  std::optional<event_template> line;
  if (options.has("template") || options.has("template_file"))
    line = read_template(options, "template", {}, escape::plain);
  if (!options.good())
    return nullptr;
  return std::make_unique<console_driver>(format, colors, std::move(line));
}

} // namespace signalbox
