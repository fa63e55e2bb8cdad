#include "lights/gpio/lines.hpp"

#include "lights/device_access.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cerrno>
#include <gpiod.h>
#include <system_error>

namespace signalbox::lights {

namespace {

// What the kernel names as the user of our lines.
constexpr auto* consumer = "signalbox";

struct chip_closer {
  void operator()(gpiod_chip* x) const noexcept {
    gpiod_chip_close(x);
  }
};

using chip_ptr = std::unique_ptr<gpiod_chip, chip_closer>;

class kernel_lines final : public output_lines {
public:
  // Closing the chip releases its lines.
  kernel_lines(chip_ptr chip, gpiod_line_bulk lines)
    : chip_(std::move(chip)), lines_(lines) {
    // nop
  }

  result<void> set(const std::vector<int>& values) override {
    if (gpiod_line_set_value_bulk(&lines_, values.data()) == 0)
      return {};
    return fail(errc::file,
                fmt::format("the lines of {} cannot be set: {}",
                            gpiod_chip_name(chip_.get()),
                            std::generic_category().message(errno)));
  }

private:
  chip_ptr chip_;
  gpiod_line_bulk lines_;
};

std::string chip_trouble(const std::string& chip, int error) {
  if (error == ENOENT || error == ENOTTY || error == ENODEV)
    return fmt::format("there is no GPIO chip {}; gpiodetect lists those that "
                       "there are",
                       chip);
  return access_trouble(chip, error);
}

std::string line_trouble(const line_request& x, int error) {
  const auto lines =
    fmt::format("{} of {}", fmt::join(x.offsets, ", "), x.chip);
  switch (error) {
  case EBUSY:
    return fmt::format("another program has one of the lines {}; gpioinfo "
                       "names it",
                       lines);
  case EINVAL:
    return fmt::format("the chip does not have all of the lines {}; gpioinfo "
                       "lists them",
                       lines);
  default:
    return fmt::format("the lines {} cannot be had: {}", lines,
                       std::generic_category().message(error));
  }
}

} // namespace

result<output_lines_ptr> open_lines(const line_request& request) {
  chip_ptr chip{gpiod_chip_open_lookup(request.chip.c_str())};
  if (!chip)
    return fail(errc::file, chip_trouble(request.chip, errno));
  gpiod_line_bulk lines{};
  auto offsets = request.offsets;
  if (gpiod_chip_get_lines(chip.get(), offsets.data(),
                           static_cast<unsigned>(offsets.size()), &lines)
      != 0)
    return fail(errc::file, line_trouble(request, errno));
  const auto flags =
    request.active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
  const std::vector<int> dark(offsets.size(), 0);
  if (gpiod_line_request_bulk_output_flags(&lines, consumer, flags, dark.data())
      != 0)
    return fail(errc::file, line_trouble(request, errno));
  return std::make_unique<kernel_lines>(std::move(chip), lines);
}

} // namespace signalbox::lights
