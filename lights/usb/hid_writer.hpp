// Carries reports to a USB lamp.
#pragma once

#include "endpoints/transport.hpp"
#include "lights/usb/hid.hpp"

#include <optional>
#include <string>

namespace signalbox::lights {

/// A request's bytes are one report, which begins with its id. Opens the lamp
/// at the first report, and again at the first one after a failure: it may have
/// been unplugged and plugged in elsewhere.
class hid_writer final : public byte_writer {
public:
  /// @param serial Which of several lamps of the kind; empty: the first found.
  hid_writer(const usb_lamp& kind, std::string serial);

  write_answer write(const write_request& request) override;

private:
  /// The path of the lamp's node.
  [[nodiscard]] result<std::string> find() const;

  usb_lamp kind_;
  std::string serial_;
  std::optional<hid_device_handle> device_; ///< Absent while there is none.
};

} // namespace signalbox::lights
