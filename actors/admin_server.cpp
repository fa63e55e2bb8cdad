#include "actors/admin_server.hpp"

#include "actors/admin_access.hpp"
#include "actors/admin_desk.hpp"
#include "actors/event_feed.hpp"
#include "actors/letter_params.hpp"
#include "actors/letters_json.hpp"
#include "actors/status_json.hpp"
#include "web/page.hpp"

#include <fmt/format.h>
#include <httplib.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <chrono>
#include <cstddef>
#include <limits>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>

namespace signalbox {

namespace {

using namespace std::chrono_literals;

using httplib::Request;
using httplib::Response;

constexpr auto json_type = "application/json";
constexpr auto text_type = "text/plain; charset=utf-8";

// How often a quiet live tail shows that it lives, and looks for a viewer who
// has left.
constexpr auto heartbeat = 1s;

wall_time now() {
  return std::chrono::system_clock::now();
}

void say(Response& out, int status, const std::string& words) {
  out.status = status;
  out.set_content(words, text_type);
}

void say(Response& out, const failure& why) {
  const auto status = why.kind == errc::usage           ? 400
                      : why.kind == errc::not_available ? 503
                                                        : 500;
  say(out, status, why.what + "\n");
}

bool has_body(const Request& x) {
  return x.has_header("Transfer-Encoding")
         || x.get_header_value<std::uint64_t>("Content-Length") > 0;
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
  duration drain;
  httplib::Server http;
  std::uint16_t port = 0;
  std::thread listener;
  std::atomic<std::size_t> viewers = 0;

  std::unique_ptr<admin_desk> desk;
  std::shared_ptr<books> ledger;
  std::shared_ptr<const readiness> state;

  [[nodiscard]] std::optional<admin_refusal> refuse_to(const Request& x) const {
    admin_asker asker;
    // The page itself holds nothing secret, and asks for the token.
    asker.open = x.path == "/healthz" || x.path == "/readyz"
                 || (x.path == "/" && !options.token.empty());
    asker.changes = x.method != "GET" && x.method != "HEAD";
    asker.host = x.get_header_value("Host");
    asker.authorization = x.get_header_value("Authorization");
    asker.origin = x.get_header_value("Origin");
    asker.sec_fetch_site = x.get_header_value("Sec-Fetch-Site");
    return refuse(asker, options.token.reveal());
  }

  // Answers with what `render` makes of the picture.
  template <class Render>
  auto with_picture(const char* type, Render render) {
    return [this, type, render](const Request&, Response& out) {
      if (const auto x = desk->picture())
        out.set_content(render(**x), type);
      else
        say(out, x.error());
    };
  }

  void ready(Response& out) const {
    if (state->draining)
      say(out, 503, "draining: no more datagrams are read\n");
    else if (!state->ready)
      say(out, 503, "starting: sockets are not read yet\n");
    else
      say(out, 200, "ready\n");
  }

  void tail(const Request& request, Response& out) {
    auto filter = filter_of(request);
    if (!filter) {
      say(out, 400, filter.error().what + "\n");
      return;
    }
    if (viewers.fetch_add(1) >= max_viewers) {
      --viewers;
      say(out, 503, fmt::format("{} viewers watch already\n", max_viewers));
      return;
    }
    auto feed = std::make_shared<event_feed>(std::move(*filter));
    desk->watch(feed);
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

  // `?limit=10` names ten users at most.
  void sessions(const Request& request, Response& out) const {
    auto most = std::numeric_limits<std::size_t>::max();
    const auto text = request.get_param_value("limit");
    const auto* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, most);
    if (!text.empty() && (read.ec != std::errc{} || read.ptr != end)) {
      say(out, 400, "limit wants a number of users\n");
      return;
    }
    const auto x = desk->picture();
    if (!x)
      say(out, x.error());
    else if (!(*x)->sessions)
      say(out, 503, "starting: it is not known yet who is active\n");
    else
      out.set_content(sessions_json(*(*x)->sessions, most), json_type);
  }

  void letters(const Request& request, Response& out) const {
    const auto which = letters_to_list(request.params, now());
    if (!which) {
      say(out, which.error());
      return;
    }
    if (const auto page = desk->letters(*which))
      out.set_content(letters_json(**page), json_type);
    else
      say(out, page.error());
  }

  void letter(const Request& request, Response& out) const {
    const auto which =
      letters_to_list({{"id", request.matches[1].str()}}, now());
    const auto page = which ? desk->letters(*which) : letter_page_ptr{};
    if (!page)
      say(out, page.error());
    else if (!*page || (*page)->letters.empty())
      say(out, 404, "there is no dead letter of that number\n");
    else
      out.set_content(letter_json((*page)->letters.front()), json_type);
  }

  // @param change Is told which, and answers how many.
  template <class Read, class Change>
  void change_letters(const Request& request, Response& out, Read read,
                      Change change, std::string_view becomes) const {
    const auto which = read(request.params, now());
    if (!which) {
      say(out, which.error());
      return;
    }
    const auto letters = (desk.get()->*change)(*which);
    if (!letters) {
      say(out, letters.error());
      return;
    }
    if (*letters > 0)
      spdlog::info("{} dead letter(s) {}, by the admin interface", *letters,
                   becomes);
    out.set_content(fmt::format("{{\"letters\":{}}}", *letters), json_type);
  }

  void reload(Response& out) const {
    const auto changes = desk->reload();
    if (!changes && changes.error().kind != errc::bad_config) {
      say(out, changes.error());
      return;
    }
    out.status = changes ? 200 : 400;
    out.set_content(changes ? reloaded_json(*changes)
                            : mistakes_json(changes.error().what),
                    json_type);
  }

  // What belongs to a request is in its URL: a body that is not read must not
  // make a request for a few letters one for all.
  template <class Handler>
  void post(const char* path, Handler handler) {
    http.Post(path, [handler](const Request& request, Response& out,
                              const httplib::ContentReader& body) {
      if (!has_body(request)) {
        handler(request, out);
        return;
      }
      body([](const char*, std::size_t) { return true; });
      say(out, 400, "parameters belong into the URL, behind a question mark\n");
    });
  }

  void route() {
    http.set_pre_routing_handler([this](const Request& x, Response& out) {
      using handled = httplib::Server::HandlerResponse;
      const auto why = refuse_to(x);
      if (!why)
        return handled::Unhandled;
      say(out, why->status, why->words);
      return handled::Handled;
    });
    http.Get("/", [](const Request&, Response& out) {
      out.set_header("Content-Security-Policy",
                     std::string{web::content_security_policy()});
      out.set_header("Cache-Control", "no-cache");
      const auto page = web::page();
      out.set_content(page.data(), page.size(), "text/html; charset=utf-8");
    });
    http.Get("/healthz",
             [](const Request&, Response& out) { say(out, 200, "alive\n"); });
    http.Get("/readyz", [this](const Request&, Response& out) { ready(out); });
    http.Get("/metrics",
             with_picture("text/plain; version=0.0.4; charset=utf-8",
                          [this](const engine_picture& x) {
                            return metrics_text(x, ledger->picture());
                          }));
    http.Get("/api/ledger", [this](const Request&, Response& out) {
      out.set_content(ledger_json(ledger->picture()), json_type);
    });
    http.Get("/api/destinations",
             with_picture(json_type, [this](const engine_picture& x) {
               return destinations_json(x.destinations, ledger->picture());
             }));
    http.Get("/api/journal",
             with_picture(json_type, [](const engine_picture& x) {
               return journal_json(x.journal);
             }));
    http.Get("/api/lights",
             with_picture(json_type, [](const engine_picture& x) {
               return lights_json(x.lights);
             }));
    http.Get("/api/sessions",
             [this](const Request& x, Response& out) { sessions(x, out); });
    http.Get("/api/events",
             [this](const Request& x, Response& out) { tail(x, out); });
    http.Get("/api/dead-letters",
             [this](const Request& x, Response& out) { letters(x, out); });
    http.Get(R"(/api/dead-letters/(\d{1,18}))",
             [this](const Request& x, Response& out) { letter(x, out); });
    post("/api/dead-letters/retry", [this](const Request& x, Response& out) {
      change_letters(x, out, letters_to_retry, &admin_desk::retry,
                     "to be sent again");
    });
    post("/api/dead-letters/purge", [this](const Request& x, Response& out) {
      change_letters(x, out, letters_to_purge, &admin_desk::purge, "deleted");
    });
    post("/api/reload", [this](const Request&, Response& out) { reload(out); });
    post("/api/drain", [this](const Request&, Response& out) {
      spdlog::info("a drain was asked for at the admin interface");
      desk->drain();
      say(out, 202, "draining\n");
    });
  }
};

admin_server::admin_server(std::unique_ptr<impl> x) : impl_(std::move(x)) {
  // nop
}

result<std::unique_ptr<admin_server>>
admin_server::bind(const config::admin_config& options, duration drain) {
  auto x = std::make_unique<impl>();
  x->options = options;
  x->drain = drain;
  x->http.new_task_queue = [] {
    return new httplib::ThreadPool(threads);
  };
  x->http.set_socket_options([](socket_t sock) {
    // Not SO_REUSEPORT, httplib's default: two engines must not share a port.
    const int yes = 1;
    ::setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
  // One request a connection: what is left of a request that was refused, its
  // body, must never be taken for the next one, which a browser had not marked.
  x->http.set_keep_alive_max_count(1);
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
  if (impl_->desk)
    impl_->desk->close();
  impl_->http.stop();
  if (impl_->listener.joinable())
    impl_->listener.join();
}

void admin_server::serve(caf::actor_system& sys, supervisor_actor supervisor,
                         telemetry_actor telemetry, letter_keeper_actor letters,
                         std::shared_ptr<books> ledger,
                         std::shared_ptr<const readiness> state) {
  impl_->desk = std::make_unique<admin_desk>(sys, std::move(supervisor),
                                             std::move(telemetry),
                                             std::move(letters), impl_->drain);
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
