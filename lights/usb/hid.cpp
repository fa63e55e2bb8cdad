#include "lights/usb/hid.hpp"

#include "lights/device_access.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <hidapi.h>
#include <mutex>

namespace signalbox::lights {

namespace {

// Of hidapi, enumerating, opening and closing share state ("Multi-threading
// Notes" of its wiki); an open device is free of it.
std::mutex& gate() {
  static std::mutex x;
  return x;
}

std::string plain(const wchar_t* text) {
  std::string out;
  for (; text != nullptr && *text != L'\0'; ++text)
    out += *text > 0 && *text < 128 ? static_cast<char>(*text) : '?';
  return out;
}

hid_device* as_device(void* x) {
  return static_cast<hid_device*>(x);
}

} // namespace

std::vector<hid_entry> hid_entries() {
  const std::lock_guard guard{gate()};
  std::vector<hid_entry> out;
  auto* first = hid_enumerate(0, 0);
  for (const auto* x = first; x != nullptr; x = x->next)
    // A device is listed once for each of its uses.
    if (std::ranges::find(out, x->path, &hid_entry::path) == out.end())
      out.push_back(
        {x->vendor_id, x->product_id, plain(x->serial_number), x->path});
  hid_free_enumeration(first);
  return out;
}

result<hid_device_handle> hid_device_handle::open(const std::string& path) {
  {
    const std::lock_guard guard{gate()};
    if (auto* device = hid_open_path(path.c_str()))
      return hid_device_handle{device};
  }
  return fail(errc::file, why_not_open(path));
}

hid_device_handle::hid_device_handle(void* device) : device_(device) {
  // nop
}

result<void> hid_device_handle::send(hid_report kind, std::string_view report) {
  auto* device = as_device(device_.get());
  const auto* bytes = reinterpret_cast<const unsigned char*>(report.data());
  const auto sent = kind == hid_report::feature
                      ? hid_send_feature_report(device, bytes, report.size())
                      : hid_write(device, bytes, report.size());
  if (sent >= 0)
    return {};
  return fail(errc::file, plain(hid_error(device)));
}

void hid_device_handle::closer::operator()(void* x) const noexcept {
  const std::lock_guard guard{gate()};
  hid_close(as_device(x));
}

} // namespace signalbox::lights
