#include "lights/dmx/universe.hpp"

#include <map>
#include <utility>

namespace signalbox::lights::dmx {

universe::universe(net::datagram_options to, frame_writer frame)
  : out_(std::move(to)), frame_(std::move(frame)), slots_(slots, '\0') {
  // nop
}

write_answer universe::show(std::size_t channel, std::string_view values) {
  const std::lock_guard lock{mutex_};
  slots_.replace(channel - 1, values.size(), values);
  return out_.send(frame_(sequence_++, slots_));
}

std::shared_ptr<universe>
universe::shared(const std::string& name,
                 const std::function<std::shared_ptr<universe>()>& make) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<universe>> all;
  const std::lock_guard lock{mutex};
  std::erase_if(all, [](const auto& x) { return x.second.expired(); });
  auto& known = all[name];
  auto x = known.lock();
  if (!x) {
    x = make();
    known = x;
  }
  return x;
}

fixture_writer::fixture_writer(std::shared_ptr<universe> where,
                               std::size_t channel)
  : where_(std::move(where)), channel_(channel) {
  // nop
}

write_answer fixture_writer::write(const write_request& request) {
  return where_->show(channel_, request.bytes);
}

} // namespace signalbox::lights::dmx
