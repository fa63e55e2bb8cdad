#include "actors/admin_server.hpp"

#include "actors/event_feed.hpp"
#include "actors/status_json.hpp"
#include "web/page.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <fmt/format.h>
#include <httplib.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

namespace signalbox {

namespace {

using namespace std::chrono_literals;

constexpr auto json_type = "application/json";
constexpr auto answer_within = 2s;

// How often a quiet live tail shows that it lives, and looks for a viewer who
// has left.
constexpr auto heartbeat = 1s;

bool is_loopback(const std::string& host) {
  return host == "::1" || host == "localhost" || host.starts_with("127.");
}

// Constant in time, so that a token cannot be found out byte by byte.
bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size()
         && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// A page elsewhere must not reach a loopback interface by a name of its own
// that resolves to 127.0.0.1 (DNS rebinding).
bool names_loopback(std::string host) {
  if (host.starts_with('['))
    host = host.substr(1, host.find(']') - 1);
  else
    host = host.substr(0, host.find(':'));
  return is_loopback(host);
}

/// `?match=user:LAB/*&match=kind:session_start`.
result<matcher> filter_of(const httplib::Request& request) {
  match_spec spec;
  const auto [first, last] = request.params.equal_range("match");
  for (auto i = first; i != last; ++i) {
    const auto& text = i->second;
    const auto at = text.find(':');
    const auto field = text.substr(0, at);
    auto* patterns = field == "kind"      ? &spec.kind
                     : field == "command" ? &spec.command
                     : field == "host"    ? &spec.host
                     : field == "user"    ? &spec.user
                     : field == "app"     ? &spec.app
                     : field == "origin"  ? &spec.origin
                                          : nullptr;
    if (patterns == nullptr || at == std::string::npos)
      return fail(errc::usage, "match wants FIELD:PATTERN with a field of "
                               "kind, command, host, user, app, origin");
    patterns->push_back(text.substr(at + 1));
  }
  return matcher::compile(spec);
}

} // namespace

struct admin_server::impl {
  config::admin_config options;
  httplib::Server http;
  std::uint16_t port = 0;
  std::thread listener;
  std::atomic<std::size_t> viewers = 0;

  caf::actor_system* sys = nullptr;
  supervisor_actor supervisor;
  telemetry_actor telemetry;
  letter_keeper_actor letters;
  std::shared_ptr<books> ledger;
  std::shared_ptr<const readiness> state;

  [[nodiscard]] bool is_authorized(const httplib::Request& x) const {
    if (options.token.empty())
      return names_loopback(x.get_header_value("Host"));
    constexpr std::string_view scheme = "Bearer ";
    const auto given = x.get_header_value("Authorization");
    return given.starts_with(scheme)
           && same_secret(std::string_view{given}.substr(scheme.size()),
                          options.token.reveal());
  }

  [[nodiscard]] engine_picture_ptr picture() const {
    engine_picture_ptr out;
    caf::scoped_actor self{*sys};
    self->request(telemetry, answer_within, atoms::status::value)
      .receive([&](const engine_picture_ptr& x) { out = x; },
               [](const caf::error&) {
                 // Null says it: the caller answers 503.
               });
    return out;
  }

  // Answers with what `render` makes of the picture.
  template <class Render>
  auto with_picture(const char* type, Render render) {
    return
      [this, type, render](const httplib::Request&, httplib::Response& out) {
        if (const auto x = picture()) {
          out.set_content(render(*x), type);
          return;
        }
        out.status = 503;
        out.set_content("telemetry does not answer\n", "text/plain");
      };
  }

  void ready(httplib::Response& out) const {
    if (state->ready && !state->draining) {
      out.set_content("ready\n", "text/plain");
      return;
    }
    out.status = 503;
    out.set_content(state->draining ? "draining: no more datagrams are read\n"
                                    : "starting: sockets are not read yet\n",
                    "text/plain");
  }

  void tail(const httplib::Request& request, httplib::Response& out) {
    auto filter = filter_of(request);
    if (!filter) {
      out.status = 400;
      out.set_content(filter.error().what + "\n", "text/plain");
      return;
    }
    if (viewers.fetch_add(1) >= max_viewers) {
      --viewers;
      out.status = 503;
      out.set_content(fmt::format("{} viewers watch already\n", max_viewers),
                      "text/plain");
      return;
    }
    auto feed = std::make_shared<event_feed>(std::move(*filter));
    caf::anon_send(telemetry, atoms::watch::value, feed);
    out.set_header("Cache-Control", "no-store");
    out.set_chunked_content_provider(
      "text/event-stream",
      [this, feed](std::size_t, httplib::DataSink& sink) {
        auto text = feed->take(heartbeat);
        if (!text || state->draining) {
          sink.done();
          return true;
        }
        if (text->empty())
          *text = ": alive\n\n"; // A comment: it only shows that we live.
        return sink.write(text->data(), text->size());
      },
      [this, feed](bool) {
        feed->close();
        --viewers;
      });
  }

  void route() {
    http.set_pre_routing_handler(
      [this](const httplib::Request& x, httplib::Response& out) {
        using handled = httplib::Server::HandlerResponse;
        // The page itself holds nothing secret, and asks for the token.
        const bool open = x.path == "/healthz" || x.path == "/readyz"
                          || (x.path == "/" && !options.token.empty());
        if (open || is_authorized(x))
          return handled::Unhandled;
        out.status = options.token.empty() ? 421 : 401;
        out.set_content(options.token.empty()
                          ? "ask for localhost or a loopback address\n"
                          : "a token is required: Authorization: Bearer …\n",
                        "text/plain; charset=utf-8");
        return handled::Handled;
      });
    http.Get("/", [](const httplib::Request&, httplib::Response& out) {
      out.set_header("Content-Security-Policy",
                     std::string{web::content_security_policy()});
      out.set_header("Cache-Control", "no-cache");
      const auto page = web::page();
      out.set_content(page.data(), page.size(), "text/html; charset=utf-8");
    });
    http.Get("/healthz", [](const httplib::Request&, httplib::Response& out) {
      out.set_content("alive\n", "text/plain");
    });
    http.Get("/readyz", [this](const httplib::Request&,
                               httplib::Response& out) { ready(out); });
    http.Get("/metrics",
             with_picture("text/plain; version=0.0.4; charset=utf-8",
                          [this](const engine_picture& x) {
                            return metrics_text(x, ledger->picture());
                          }));
    http.Get("/api/ledger",
             [this](const httplib::Request&, httplib::Response& out) {
               out.set_content(ledger_json(ledger->picture()), json_type);
             });
    http.Get("/api/destinations",
             with_picture(json_type, [this](const engine_picture& x) {
               return destinations_json(x.destinations, ledger->picture());
             }));
    http.Get("/api/lights",
             with_picture(json_type, [](const engine_picture& x) {
               return lights_json(x.lights);
             }));
    http.Get("/api/events",
             [this](const httplib::Request& request, httplib::Response& out) {
               tail(request, out);
             });
  }
};

admin_server::admin_server(std::unique_ptr<impl> x) : impl_(std::move(x)) {
  // nop
}

result<std::unique_ptr<admin_server>>
admin_server::bind(const config::admin_config& options) {
  auto x = std::make_unique<impl>();
  x->options = options;
  x->http.new_task_queue = [] {
    return new httplib::ThreadPool(threads);
  };
  x->http.set_socket_options([](socket_t sock) {
    // Not SO_REUSEPORT, httplib's default: two engines must not share a port.
    const int yes = 1;
    ::setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
  x->http.set_payload_max_length(std::size_t{64} * 1024);
  x->http.set_read_timeout(5s);
  x->http.set_write_timeout(5s);
  x->http.set_default_headers({{"X-Content-Type-Options", "nosniff"},
                               {"X-Frame-Options", "DENY"},
                               {"Referrer-Policy", "no-referrer"}});
  const int port =
    options.port == 0
      ? x->http.bind_to_any_port(options.host)
      : (x->http.bind_to_port(options.host, options.port) ? options.port : -1);
  if (port < 0)
    return fail(errc::socket,
                fmt::format("cannot serve the admin interface on {}:{}: the "
                            "address is not ours or the port is in use; set "
                            "admin.listen to another one, or to \"\"",
                            options.host, options.port));
  x->port = static_cast<std::uint16_t>(port);
  return std::unique_ptr<admin_server>{new admin_server{std::move(x)}};
}

admin_server::~admin_server() {
  impl_->http.stop();
  if (impl_->listener.joinable())
    impl_->listener.join();
}

void admin_server::serve(caf::actor_system& sys, supervisor_actor supervisor,
                         telemetry_actor telemetry, letter_keeper_actor letters,
                         std::shared_ptr<books> ledger,
                         std::shared_ptr<const readiness> state) {
  impl_->sys = &sys;
  impl_->supervisor = std::move(supervisor);
  impl_->letters = std::move(letters);
  impl_->telemetry = std::move(telemetry);
  impl_->ledger = std::move(ledger);
  impl_->state = std::move(state);
  impl_->route();
  impl_->listener = std::thread{[this] {
    impl_->http.listen_after_bind();
  }};
  // `stop` has no effect on a server that does not run yet.
  while (!impl_->http.is_running())
    std::this_thread::yield();
}

std::uint16_t admin_server::port() const noexcept {
  return impl_->port;
}

} // namespace signalbox
