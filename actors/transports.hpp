// The TRANSPORT actors: http_client and mqtt_client hand requests to a client
// of the net room, which has a thread of its own and answers later; writer
// writes lines itself, on a thread of its own.
#pragma once

#include "destinations/driver.hpp"
#include "messages/actors.hpp"
#include "net/http_client.hpp"
#include "net/mqtt_client.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <memory>
#include <unordered_map>

namespace signalbox {

/// State of a transport whose client answers from another thread.
template <class Client>
struct client_state {
  static const char* name;

  std::unordered_map<std::uint64_t,
                     caf::typed_response_promise<delivery_answer>>
    open;
  std::uint64_t next = 1;
  std::unique_ptr<Client> client;
};

using http_client_state = client_state<net::http_client>;
using mqtt_client_state = client_state<net::mqtt_client>;

transport_actor::behavior_type
http_client(transport_actor::stateful_pointer<http_client_state> self,
            std::unique_ptr<net::http_client> client);

transport_actor::behavior_type
mqtt_client(transport_actor::stateful_pointer<mqtt_client_state> self,
            std::unique_ptr<net::mqtt_client> client);

struct writer_state {
  static inline constexpr const char* name = "writer";

  std::shared_ptr<byte_writer> lines;
};

/// Spawn it detached: writing may block.
transport_actor::behavior_type
writer(transport_actor::stateful_pointer<writer_state> self,
       std::shared_ptr<byte_writer> lines);

} // namespace signalbox
