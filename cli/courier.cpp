#include "cli/courier.hpp"

#include <future>
#include <utility>
#include <variant>

namespace signalbox::cli {

courier::courier(net::http_client& http, transport_choice way) : http_(&http) {
  if (auto* own = std::get_if<std::unique_ptr<byte_writer>>(&way))
    writer_ = std::move(*own);
  auto* options = std::get_if<net::mqtt_options>(&way);
  if (options == nullptr)
    return;
  uses_mqtt_ = true;
  // A broker throws out whoever has the same id: the running engine.
  options->client_id.clear();
  auto client = net::mqtt_client::start(std::move(*options));
  if (client)
    broker_ = std::move(*client);
  else
    fault_ = client.error().what;
}

delivery_answer courier::carry(delivery_request request) {
  if (writer_)
    return writer_->write(std::get<write_request>(request));
  if (uses_mqtt_ && !broker_)
    return mqtt_answer{0, fault_, false};
  std::promise<delivery_answer> promise;
  const auto answer = [&](auto x) {
    promise.set_value(std::move(x));
  };
  if (uses_mqtt_)
    broker_->publish(std::move(std::get<mqtt_request>(request)), answer);
  else
    http_->send(std::move(std::get<http_request>(request)), answer);
  return promise.get_future().get();
}

} // namespace signalbox::cli
