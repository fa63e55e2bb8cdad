#include "net/http_handle.hpp"

#include <algorithm>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace signalbox::net {

namespace {

/// How long sent bytes may stay unacknowledged before the connection counts as
/// dead. Without it, a silently cut HTTP/2 connection would be used again and
/// again until TCP gives up after 15 minutes.
constexpr unsigned dead_after_ms = 20'000;

/// How long a CA file that has been read is used without looking again.
constexpr long ca_cache_seconds = 60;

int on_socket(void*, curl_socket_t fd, curlsocktype) {
  setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead_after_ms,
             sizeof(dead_after_ms));
  return CURL_SOCKOPT_OK;
}

std::size_t on_body(char* data, std::size_t, std::size_t length,
                    void* listener) {
  return static_cast<http_listener*>(listener)->take_body({data, length});
}

std::size_t on_header(char* data, std::size_t, std::size_t length,
                      void* listener) {
  static_cast<http_listener*>(listener)->take_header({data, length});
  return length;
}

bool is_blank(std::string_view x) {
  return x.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

template <class T>
void set(CURL* easy, CURLoption option, T value) {
  // Fails only for what this libcurl does not know; then its default holds.
  static_cast<void>(curl_easy_setopt(easy, option, value));
}

void set_file(CURL* easy, CURLoption option, const std::string& path) {
  if (!path.empty())
    set(easy, option, path.c_str());
}

} // namespace

http_handle::http_handle(const http_request& like, CURLU* url,
                         const http_surroundings& surroundings)
  : easy_(curl_easy_init()) {
  auto* x = easy();
  set(x, CURLOPT_NOSIGNAL, 1L);
  if (url != nullptr)
    set(x, CURLOPT_CURLU, url);
  else
    set(x, CURLOPT_URL, like.url.c_str());
  set(x, CURLOPT_PROTOCOLS_STR, "http,https");
  if (!like.connect_to.empty()) {
    // Whatever host and port: a redirect may lead to no others.
    connect_to_.line = "::" + like.connect_to;
    connect_to_.element.data = connect_to_.line.data();
    set(x, CURLOPT_CONNECT_TO, &connect_to_.element);
  }
  set(x, CURLOPT_FOLLOWLOCATION, 0L);
  // A resolver that hangs is left to itself when the time is over; otherwise
  // libcurl would wait for its thread, and everybody else with it.
  set(x, CURLOPT_QUICK_EXIT, 1L);
  set(x, CURLOPT_TCP_KEEPALIVE, 1L);
  set(x, CURLOPT_SOCKOPTFUNCTION, &on_socket);
  set(x, CURLOPT_WRITEFUNCTION, &on_body);
  set(x, CURLOPT_HEADERFUNCTION, &on_header);
  set(x, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  // libcurl would look for them once per request.
  if (like.direct || !surroundings.has_proxies)
    set(x, CURLOPT_PROXY, "");
  set_up_tls(like.tls);
  if (!like.connect_only) {
    set_up_request(like, surroundings);
    return;
  }
  set(x, CURLOPT_CONNECT_ONLY, 1L);
  set(x, CURLOPT_CERTINFO, 1L);
}

void http_handle::set_up_request(const http_request& like,
                                 const http_surroundings& surroundings) {
  auto* x = easy();
  set(x, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  if (!surroundings.user_agent.empty())
    set(x, CURLOPT_USERAGENT, surroundings.user_agent.c_str());
  // A default type would be a wrong one, and waiting for "100 Continue" costs
  // a second with servers that do not know it.
  headers_.resize(2 + like.headers.size());
  headers_[0].line = "Content-Type:";
  headers_[1].line = "Expect:";
  for (std::size_t i = 0; i < headers_.size(); ++i) {
    auto& [line, element] = headers_[i];
    element.data = line.data();
    element.next = i + 1 < headers_.size() ? &headers_[i + 1].element : nullptr;
  }
  set(x, CURLOPT_HTTPHEADER, &headers_.front().element);
  if (like.login) {
    set(x, CURLOPT_HTTPAUTH, CURLAUTH_DIGEST);
    set(x, CURLOPT_USERNAME, like.login->username.c_str());
    set(x, CURLOPT_PASSWORD, like.login->password.c_str());
  }
  if (like.method == "HEAD") {
    set(x, CURLOPT_NOBODY, 1L);
    return;
  }
  set(x, CURLOPT_CUSTOMREQUEST, like.method.c_str());
}

void http_handle::set_up_tls(const tls_options& tls) {
  auto* x = easy();
  // The pinned key alone says more about who that is than a chain and a name.
  const auto verify = tls.verify && (tls.pin.empty() || !tls.ca.empty());
  set(x, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
  set(x, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
  if (!tls.pin.empty())
    set(x, CURLOPT_PINNEDPUBLICKEY, tls.pin.c_str());
  set(x, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(x, CURLOPT_CA_CACHE_TIMEOUT, ca_cache_seconds);
  if (!tls.ca.empty()) {
    // In place of the system's certificates, not beside them.
    set(x, CURLOPT_CAINFO, tls.ca.c_str());
    set(x, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  set_file(x, CURLOPT_SSLCERT, tls.cert);
  set_file(x, CURLOPT_SSLKEY, tls.key);
  // Without one, OpenSSL would ask for an encrypted key's on the terminal.
  set(x, CURLOPT_KEYPASSWD, "");
}

void http_handle::load(const http_request& request,
                       std::chrono::milliseconds left,
                       http_listener& listener) {
  auto* x = easy();
  set(x, CURLOPT_PRIVATE, &listener);
  set(x, CURLOPT_WRITEDATA, &listener);
  set(x, CURLOPT_HEADERDATA, &listener);
  set(x, CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
  set(x, CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(std::min(left, max_connect_time).count()));
  if (request.connect_only)
    return;
  load_headers(request);
  if (request.method == "HEAD")
    return;
  if (request.body.empty() && request.method == "GET") {
    set(x, CURLOPT_HTTPGET, 1L);
    return;
  }
  set(x, CURLOPT_POSTFIELDS, request.body.c_str());
  set(x, CURLOPT_POSTFIELDSIZE_LARGE,
      static_cast<curl_off_t>(request.body.size()));
}

void http_handle::load_headers(const http_request& request) {
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    const auto& [name, value] = request.headers[i];
    auto& [line, element] = headers_[2 + i];
    line = name;
    // To libcurl "name:" means to leave it out, "name;" to send it empty.
    if (is_blank(value))
      line += ';';
    else
      line.append(": ").append(value);
    element.data = line.data();
  }
}

} // namespace signalbox::net
