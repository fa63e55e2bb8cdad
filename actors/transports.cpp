#include "actors/transports.hpp"

#include "actors/writer.hpp"
#include "net/http_client.hpp"
#include "net/mqtt_client.hpp"

#include <string>
#include <variant>

namespace signalbox {

namespace {

class http_transport final : public transport {
public:
  void carry_out(delivery_request request, on_answer done) override {
    client_.send(std::move(std::get<http_request>(request)), std::move(done));
  }

private:
  static constexpr std::size_t connections_per_host = 6;

  net::http_client client_{
    {connections_per_host, "signalbox/" SIGNALBOX_VERSION}};
};

class mqtt_transport final : public transport {
public:
  explicit mqtt_transport(std::unique_ptr<net::mqtt_client> client)
    : client_(std::move(client)) {
    // nop
  }

  void carry_out(delivery_request request, on_answer done) override {
    client_->publish(std::move(std::get<mqtt_request>(request)),
                     std::move(done));
  }

private:
  std::unique_ptr<net::mqtt_client> client_;
};

} // namespace

transport_ptr make_http_transport() {
  return std::make_shared<http_transport>();
}

result<transport_ptr> open_transport(transport_choice choice,
                                     const transport_ptr& http) {
  if (auto* lines = std::get_if<std::unique_ptr<byte_writer>>(&choice))
    return std::make_shared<writer>(std::move(*lines));
  auto* options = std::get_if<net::mqtt_options>(&choice);
  if (options == nullptr)
    return http;
  auto client = net::mqtt_client::start(std::move(*options));
  if (!client)
    return tl::unexpected{std::move(client.error())};
  return std::make_shared<mqtt_transport>(std::move(*client));
}

} // namespace signalbox
