// Where a broker is and who we are there: `url`, `username`, `password`, `tls`.
#pragma once

#include "config/section.hpp"
#include "net/mqtt_client.hpp"

namespace signalbox {

/// Host, port, TLS and credentials from the URL and the keys beside it.
/// Mistakes are reported to the section; the options are then not to be used.
net::mqtt_options read_broker(config::section& options);

} // namespace signalbox
