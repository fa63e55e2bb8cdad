#include "destinations/driver.hpp"

namespace signalbox {

result<delivery_request> driver::shape_digest(const digest&, std::string_view) {
  return fail(errc::not_available, "this kind of destination takes single "
                                   "events, not digests: use excess = "
                                   "\"wait\" or \"drop\"");
}

} // namespace signalbox
