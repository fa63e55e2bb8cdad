#include "actors/transports.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <exception>
#include <string>
#include <utility>
#include <variant>

namespace signalbox {

template <>
const char* client_state<net::http_client>::name = "http_client";

template <>
const char* client_state<net::mqtt_client>::name = "mqtt_client";

namespace {

void carry_out(net::http_client& client, delivery_request& request,
               net::http_client::on_answer done) {
  client.send(std::move(std::get<http_request>(request)), std::move(done));
}

void carry_out(net::mqtt_client& client, delivery_request& request,
               net::mqtt_client::on_answer done) {
  client.publish(std::move(std::get<mqtt_request>(request)), std::move(done));
}

// Answers come from the client's thread: they enter through the mailbox. The
// callback holds no strong handle, or the actor would keep itself alive.
template <class Client>
transport_actor::behavior_type
client_behavior(transport_actor::stateful_pointer<client_state<Client>> self,
                std::unique_ptr<Client> client) {
  self->state.client = std::move(client);
  return {
    [self](const delivery_request_ptr& x) -> caf::result<delivery_answer> {
      auto& st = self->state;
      const auto id = st.next++;
      auto promise = self->template make_response_promise<delivery_answer>();
      st.open.emplace(id, promise);
      carry_out(*st.client, *x, [id, back = self->address()](auto answer) {
        if (auto hdl = caf::actor_cast<caf::actor>(back))
          caf::anon_send(hdl, id, delivery_answer{std::move(answer)});
      });
      return promise;
    },
    [self](std::uint64_t id, const delivery_answer& answer) {
      auto node = self->state.open.extract(id);
      if (!node.empty())
        node.mapped().deliver(answer);
    },
  };
}

// What throws harms its request only: without its writer, the destination or
// the lamp would be lost until the next start.
write_answer write_line(byte_writer& lines, const write_request& x) try {
  return lines.write(x);
} catch (const std::exception& e) {
  return {.error = std::string{"cannot be written: "} + e.what()};
}

} // namespace

transport_actor::behavior_type
http_client(transport_actor::stateful_pointer<http_client_state> self,
            std::unique_ptr<net::http_client> client) {
  return client_behavior<net::http_client>(self, std::move(client));
}

transport_actor::behavior_type
mqtt_client(transport_actor::stateful_pointer<mqtt_client_state> self,
            std::unique_ptr<net::mqtt_client> client) {
  return client_behavior<net::mqtt_client>(self, std::move(client));
}

transport_actor::behavior_type
writer(transport_actor::stateful_pointer<writer_state> self,
       std::shared_ptr<byte_writer> lines) {
  self->state.lines = std::move(lines);
  return {
    [self](const delivery_request_ptr& x) -> caf::result<delivery_answer> {
      return delivery_answer{
        write_line(*self->state.lines, std::get<write_request>(*x))};
    },
    [](std::uint64_t, const delivery_answer&) {
      // Only clients with a thread of their own answer late.
    },
  };
}

} // namespace signalbox
