// Where a broker is and who we are there: `url`, `username`, `password`,
// `client_id`, `tls`; and which topics it takes.
#pragma once

#include "config/section.hpp"
#include "messages/failure.hpp"
#include "net/mqtt_client.hpp"

#include <string_view>

namespace signalbox {

/// Host, port, TLS, client id and credentials from the URL and the keys beside
/// it. Mistakes are reported to the section; the options are then not to be
/// used.
net::mqtt_options read_broker(config::section& options);

namespace mqtt {

/// Fails unless one can publish to `topic`: not empty, at most 65,535 bytes,
/// no wildcards, no NUL (MQTT 3.1.1, 4.7).
result<void> check_topic(std::string_view topic);

} // namespace mqtt

} // namespace signalbox
