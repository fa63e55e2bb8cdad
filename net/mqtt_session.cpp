#include "net/mqtt_session.hpp"

#include "net/address.hpp"

#include <mosquitto.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <poll.h>
#include <string_view>

#include <sys/socket.h>

namespace signalbox::net {

namespace {

// MQTT 3.1.1, section 3.2.2.3: return codes of CONNACK.
constexpr int accepted = 0;
constexpr int bad_user_or_password = 4;
constexpr int not_authorized = 5;

/// libmosquitto's own bounds, in seconds.
constexpr long min_keep_alive = 5;
constexpr long max_keep_alive = 65'535;

void init_libmosquitto() {
  static const auto done = mosquitto_lib_init();
  static_cast<void>(done);
}

result<void> check_readable(const std::string& path, std::string_view role) {
  if (path.empty() || std::ifstream{path})
    return {};
  return fail(errc::file, "cannot read the " + std::string{role} + " file '"
                            + path + "'; check its name and permissions");
}

const char* c_str_or_null(const std::string& x) {
  return x.empty() ? nullptr : x.c_str();
}

/// Without an answer OpenSSL would ask for an encrypted key's passphrase on
/// the terminal.
int no_passphrase(char*, int, int, void*) {
  return 0;
}

std::string words_for_publish(int code) {
  switch (code) {
  case MOSQ_ERR_INVAL:
    return "the topic is empty, too long or holds a wildcard";
  case MOSQ_ERR_MALFORMED_UTF8:
    return "the topic is not valid UTF-8";
  case MOSQ_ERR_PAYLOAD_SIZE:
  case MOSQ_ERR_OVERSIZE_PACKET:
    return "the message is too long";
  default:
    return {};
  }
}

} // namespace

bool is_mqtt_text(std::string_view x) noexcept {
  constexpr std::size_t max_bytes = 65'535;
  return x.size() <= max_bytes
         && mosquitto_validate_utf8(x.data(), static_cast<int>(x.size()))
              == MOSQ_ERR_SUCCESS;
}

void mqtt_session::mosquitto_cleanup::operator()(mosquitto* x) const noexcept {
  mosquitto_destroy(x);
}

mqtt_session::mqtt_session(const mqtt_options& options) : options_(options) {
  // nop
}

result<std::unique_ptr<mqtt_session>>
mqtt_session::make(const mqtt_options& options) {
  std::unique_ptr<mqtt_session> x{new mqtt_session(options)};
  if (auto good = x->configure(); !good)
    return tl::unexpected{std::move(good.error())};
  return x;
}

result<void> mqtt_session::configure() {
  init_libmosquitto();
  if (options_.host.empty())
    return fail(errc::bad_config, "the broker's URL has no host");
  handle_.reset(mosquitto_new(c_str_or_null(options_.client_id), true, this));
  if (!handle_)
    return fail(errc::bad_config, "the MQTT client id is not valid");
  set_callbacks();
  auto* x = handle_.get();
  mosquitto_int_option(x, MOSQ_OPT_TCP_NODELAY, 1);
  // The window is the client's, so that nothing unsent waits here.
  mosquitto_max_inflight_messages_set(x, 0);
  if (!options_.username.empty()
      && mosquitto_username_pw_set(x, options_.username.c_str(),
                                   c_str_or_null(options_.password))
           != MOSQ_ERR_SUCCESS)
    return fail(errc::bad_config, "the MQTT user name is not valid UTF-8");
  if (const auto& will = options_.last_will;
      will
      && mosquitto_will_set(x, will->topic.c_str(),
                            static_cast<int>(will->payload.size()),
                            will->payload.data(), will->qos, will->retain)
           != MOSQ_ERR_SUCCESS)
    return fail(errc::bad_config, "the MQTT last will's topic '" + will->topic
                                    + "' is not valid");
  if (options_.tls)
    return configure_tls(*options_.tls);
  return {};
}

result<void> mqtt_session::configure_tls(const tls_options& tls) {
  for (const auto& [path, role] : {std::pair{&tls.ca, "CA"},
                                   {&tls.cert, "certificate"},
                                   {&tls.key, "key"}})
    if (auto good = check_readable(*path, role); !good)
      return good;
  if (tls.cert.empty() != tls.key.empty())
    return fail(errc::bad_config,
                "a client certificate needs both cert and key");
  auto* x = handle_.get();
  heed_errors();
  const auto* system_directory =
    tls.ca.empty() ? X509_get_default_cert_dir() : nullptr;
  if (mosquitto_tls_set(x, c_str_or_null(tls.ca), system_directory,
                        c_str_or_null(tls.cert), c_str_or_null(tls.key),
                        &no_passphrase)
      != MOSQ_ERR_SUCCESS)
    return fail(errc::bad_config, "the TLS files cannot be used");
  // SSL_VERIFY_PEER is libmosquitto's default, of certificate and name.
  if (!tls.verify) {
    mosquitto_tls_opts_set(x, SSL_VERIFY_NONE, nullptr, nullptr);
    mosquitto_tls_insecure_set(x, true);
  }
  return {};
}

void mqtt_session::set_callbacks() {
  auto* x = handle_.get();
  mosquitto_connect_callback_set(x, [](mosquitto*, void* self, int code) {
    static_cast<mqtt_session*>(self)->on_connack(code);
  });
  mosquitto_publish_callback_set(x, [](mosquitto*, void* self, int id) {
    static_cast<mqtt_session*>(self)->acknowledged_.push_back(id);
  });
}

// libmosquitto tells only its log why TLS has failed. Once that has worked, the
// lines that it would form for each packet are not worth their time.
void mqtt_session::heed_errors() {
  mosquitto_log_callback_set(
    handle_.get(), [](mosquitto*, void* self, int level, const char* text) {
      // "OpenSSL Error[0]: error:0A000086:SSL routines::<reason>", or
      // "Error: host name verification failed."
      const std::string_view line{text};
      if (level == MOSQ_LOG_ERR)
        static_cast<mqtt_session*>(self)->tls_error_ =
          line.substr(std::min(line.size(), line.rfind(':') + 1));
    });
}

void mqtt_session::on_connack(int code) {
  if (code == accepted) {
    state_ = stage::up;
    mosquitto_log_callback_set(handle_.get(), nullptr);
    return;
  }
  refused_ = code == bad_user_or_password || code == not_authorized;
  fail_with(refused_ ? std::string{"the broker refused the credentials"}
                     : std::string{"the broker refused the connection ("}
                         + mosquitto_connack_string(code) + ")");
}

void mqtt_session::connect(bool v4_only) {
  const auto keep_alive = std::clamp<long>(options_.keep_alive.count(),
                                           min_keep_alive, max_keep_alive);
  // Bound to an IPv4 address, the socket cannot reach an IPv6 one.
  const auto code = mosquitto_connect_bind_async(
    handle_.get(), options_.host.c_str(), options_.port,
    static_cast<int>(keep_alive), v4_only ? "0.0.0.0" : nullptr);
  check(code);
  sockaddr_storage name{};
  socklen_t size = sizeof(name);
  is_v6_ = getsockname(mosquitto_socket(handle_.get()),
                       reinterpret_cast<sockaddr*>(&name), &size)
             == 0
           && name.ss_family == AF_INET6;
}

pollfd mqtt_session::interest() const {
  auto* x = handle_.get();
  const auto* tls = static_cast<SSL*>(mosquitto_ssl_get(x));
  // During the handshake a packet waits to be written, although it is our turn
  // to read: waiting for room to write would spin.
  const auto reads_first =
    tls != nullptr && SSL_is_init_finished(tls) == 0 && SSL_want_read(tls);
  short events = POLLIN;
  if (!reads_first && mosquitto_want_write(x))
    events |= POLLOUT;
  return {mosquitto_socket(x), events, 0};
}

void mqtt_session::step(const pollfd& ready) {
  auto* x = handle_.get();
  if ((ready.revents & (POLLERR | POLLHUP)) != 0
      && state_ == stage::connecting) {
    auto error = 0;
    socklen_t size = sizeof(error);
    getsockopt(ready.fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0)
      return fail_with("no connection (" + error_text(error) + ")");
  }
  if ((ready.revents & (POLLIN | POLLERR | POLLHUP)) != 0)
    check(mosquitto_loop_read(x, 1));
  if (state_ != stage::down && (ready.revents & POLLOUT) != 0)
    check(mosquitto_loop_write(x, 1));
  if (state_ != stage::down)
    check(mosquitto_loop_misc(x));
}

tl::expected<int, std::string> mqtt_session::publish(const std::string& topic,
                                                     const std::string& payload,
                                                     int qos, bool retain) {
  // libmosquitto would stop at a NUL and publish to another topic.
  if (topic.find('\0') != std::string::npos)
    return tl::unexpected{words_for_publish(MOSQ_ERR_MALFORMED_UTF8)};
  auto id = 0;
  const auto code = mosquitto_publish(handle_.get(), &id, topic.c_str(),
                                      static_cast<int>(payload.size()),
                                      payload.data(), qos, retain);
  if (code == MOSQ_ERR_SUCCESS)
    return id;
  if (auto words = words_for_publish(code); !words.empty())
    return tl::unexpected{std::move(words)};
  const auto system_error = errno;
  // Acknowledgements that came before the connection broke are good ones.
  mosquitto_loop_read(handle_.get(), 1);
  fail_with(words_for(code, system_error));
  return tl::unexpected{error_};
}

void mqtt_session::disconnect() {
  mosquitto_disconnect(handle_.get());
}

void mqtt_session::fail_with(std::string words) {
  if (state_ == stage::down)
    return;
  state_ = stage::down;
  error_ = std::move(words);
}

void mqtt_session::check(int code) {
  const auto system_error = errno;
  if (code != MOSQ_ERR_SUCCESS)
    fail_with(words_for(code, system_error));
}

std::string mqtt_session::words_for(int code, int system_error) const {
  switch (code) {
  case MOSQ_ERR_EAI:
    return "the name cannot be resolved";
  case MOSQ_ERR_ERRNO:
    if (system_error == EPIPE || system_error == ECONNRESET)
      return "the broker closed the connection";
    return (state_ == stage::up ? "the connection broke (" : "no connection (")
           + error_text(system_error) + ")";
  case MOSQ_ERR_TLS:
  case MOSQ_ERR_TLS_HANDSHAKE:
    return "TLS failed"
           + (tls_error_.empty() ? std::string{} : " (" + tls_error_ + ")");
  case MOSQ_ERR_CONN_LOST:
  case MOSQ_ERR_NO_CONN:
    return "the broker closed the connection";
  case MOSQ_ERR_KEEPALIVE:
    return "the broker has stopped answering";
  default:
    return mosquitto_strerror(code);
  }
}

} // namespace signalbox::net
