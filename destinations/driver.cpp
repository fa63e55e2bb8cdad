#include "destinations/driver.hpp"

#include "destinations/session_publisher.hpp"

namespace signalbox {

result<delivery_request> driver::shape_digest(const digest&, std::string_view) {
  return fail(errc::not_available, "this kind of destination takes single "
                                   "events, not digests: use excess = "
                                   "\"wait\" or \"drop\"");
}

std::unique_ptr<session_publisher> driver::sessions() const {
  return nullptr;
}

} // namespace signalbox
