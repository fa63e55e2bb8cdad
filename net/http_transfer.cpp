#include "net/http_transfer.hpp"

#include "net/address.hpp"
#include "net/server_key.hpp"

#include <openssl/x509.h>

#include <algorithm>
#include <cctype>
#include <strings.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace signalbox::net {

namespace {

using namespace std::chrono_literals;

/// Of a Retry-After header, which holds a number or a date.
constexpr std::size_t max_retry_after = 128;

/// Of a Location header; a longer one is not followed. RFC 9110, 4.1, wants
/// URLs of 8,000 bytes to be possible.
constexpr std::size_t max_location = 8'192;

/// Of another server's origin that is shown; names have 253 characters at most.
constexpr std::size_t max_shown_origin = 280;

/// For name, TCP and TLS together; a longer time-out of a request leaves the
/// rest to its answer.
constexpr auto max_connect_time = 10'000ms;

/// How long sent bytes may stay unacknowledged before the connection counts as
/// dead. Without it, a silently cut HTTP/2 connection would be used again and
/// again until TCP gives up after 15 minutes.
constexpr unsigned dead_after_ms = 20'000;

/// How long a CA file that has been read is used without looking again.
constexpr long ca_cache_seconds = 60;

struct url_cleanup {
  void operator()(CURLU* x) const noexcept {
    curl_url_cleanup(x);
  }
};

using url_handle = std::unique_ptr<CURLU, url_cleanup>;

std::string part_of(const url_handle& url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, flags) != CURLUE_OK)
    return {};
  std::string copy{text};
  curl_free(text);
  return copy;
}

/// Parses `text`, or resolves it if it is relative and `url` is not empty.
bool parse(const url_handle& url, const std::string& text) {
  return curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) == CURLUE_OK;
}

bool clear(const url_handle& url, CURLUPart part) {
  return curl_url_set(url.get(), part, nullptr, 0) == CURLUE_OK;
}

/// Scheme, host and port; empty if the URL is not one of HTTP.
std::string http_origin(const url_handle& url) {
  const auto scheme = part_of(url, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https")
    return {};
  return scheme + "://" + part_of(url, CURLUPART_HOST) + ":"
         + part_of(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

/// `url` with the path and query of `target`. All before them, the credentials
/// included, stays as configured, whatever `target` says. Empty on failure.
std::string at_path_of(const url_handle& target, const std::string& url) {
  const url_handle base{curl_url()};
  if (!parse(base, url) || !clear(base, CURLUPART_PATH)
      || !clear(base, CURLUPART_QUERY) || !clear(base, CURLUPART_FRAGMENT))
    return {};
  auto made = part_of(base, CURLUPART_URL);
  const auto path = part_of(target, CURLUPART_PATH);
  if (!made.ends_with('/') || !path.starts_with('/'))
    return {};
  made.pop_back();
  made += path;
  if (const auto query = part_of(target, CURLUPART_QUERY); !query.empty())
    made += "?" + query;
  return made;
}

bool has_line_break(std::string_view x) {
  return x.find_first_of(std::string_view{"\r\n\0", 3})
         != std::string_view::npos;
}

/// Whether `x` is a token of RFC 9110, section 5.6.2.
bool is_token(std::string_view x) {
  return !x.empty() && std::all_of(x.begin(), x.end(), [](unsigned char c) {
    return std::isalnum(c) != 0
           || std::string_view{"!#$%&'*+-.^_`|~"}.find(static_cast<char>(c))
                != std::string_view::npos;
  });
}

bool same_ignoring_case(const std::string& a, const std::string& b) {
  return strcasecmp(a.c_str(), b.c_str()) == 0;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view start) {
  return text.size() >= start.size()
         && strncasecmp(text.data(), start.data(), start.size()) == 0;
}

std::string_view trimmed(std::string_view x) {
  const auto first = x.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos)
    return {};
  return x.substr(first, x.find_last_not_of(" \t\r\n") - first + 1);
}

/// An origin that a stranger chose, fit to be shown.
std::string shown(std::string origin) {
  if (origin.size() > max_shown_origin)
    origin.replace(max_shown_origin, std::string::npos, "...");
  std::replace_if(
    origin.begin(), origin.end(), [](char x) { return x <= ' ' || x > '~'; },
    '?');
  return origin;
}

std::string to_words(std::chrono::milliseconds x) {
  return x % 1s == 0ms ? std::to_string(x / 1s) + " s"
                       : std::to_string(x.count()) + " ms";
}

int on_socket(void*, curl_socket_t fd, curlsocktype) {
  setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead_after_ms,
             sizeof(dead_after_ms));
  return CURL_SOCKOPT_OK;
}

void append(header_list& list, const std::string& line) {
  if (auto* longer = curl_slist_append(list.get(), line.c_str())) {
    // The list's first element stays what it was, if there was one.
    static_cast<void>(list.release());
    list.reset(longer);
  }
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

result<std::string> origin_of(const std::string& url) {
  // libcurl would forgive the third slash and take the path for the host.
  if (const auto i = url.find("://");
      i != std::string::npos && url.compare(i, 4, ":///") == 0)
    return fail(errc::bad_config, "the URL has no host; write it like "
                                  "https://host/path");
  const url_handle parsed{curl_url()};
  if (!parse(parsed, url))
    return fail(errc::bad_config, "the URL is not valid; write it like "
                                  "https://host/path");
  auto origin = http_origin(parsed);
  if (origin.empty())
    return fail(errc::bad_config,
                "the URL must begin with http:// or https://");
  return origin;
}

http_transfer::http_transfer(http_request request, http_client::on_answer done,
                             mono_time deadline)
  : request_(std::move(request)), done_(std::move(done)), deadline_(deadline) {
  // nop
}

result<void> http_transfer::check() {
  auto origin = origin_of(request_.url);
  if (!origin)
    return tl::unexpected{std::move(origin.error())};
  origin_ = std::move(*origin);
  queue_ = origin_ + '\n' + request_.connect_to + '\n' + request_.sender;
  if (!is_token(request_.method))
    return fail(errc::bad_config, "the method is not an HTTP method");
  for (const auto& [name, value] : request_.headers)
    if (!is_token(name) || has_line_break(value))
      return fail(errc::bad_config,
                  "a header's name is not valid or its value has a line break");
  return {};
}

void http_transfer::prepare(easy_handle easy, const std::string& user_agent,
                            mono_time now) {
  easy_ = std::move(easy);
  auto* x = easy_.get();
  curl_easy_reset(x);
  const auto left = std::max(
    1ms, std::chrono::ceil<std::chrono::milliseconds>(deadline_ - now));
  set(x, CURLOPT_PRIVATE, this);
  set(x, CURLOPT_NOSIGNAL, 1L);
  set(x, CURLOPT_URL, request_.url.c_str());
  set(x, CURLOPT_PROTOCOLS_STR, "http,https");
  connect_to_.reset();
  if (!request_.connect_to.empty()) {
    // Whatever host and port: a redirect may lead to no others.
    append(connect_to_, "::" + request_.connect_to);
    set(x, CURLOPT_CONNECT_TO, connect_to_.get());
  }
  set(x, CURLOPT_FOLLOWLOCATION, 0L);
  set(x, CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
  set(x, CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(std::min(left, max_connect_time).count()));
  // A resolver that hangs is left to itself when the time is over; otherwise
  // libcurl would wait for its thread, and everybody else with it.
  set(x, CURLOPT_QUICK_EXIT, 1L);
  set(x, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(x, CURLOPT_SOCKOPTFUNCTION, &on_socket);
  curl_easy_setopt(x, CURLOPT_WRITEFUNCTION, &http_transfer::on_body);
  set(x, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(x, CURLOPT_HEADERFUNCTION, &http_transfer::on_header);
  set(x, CURLOPT_HEADERDATA, this);
  set(x, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  if (request_.direct)
    set(x, CURLOPT_PROXY, "");
  prepare_tls();
  if (!request_.connect_only) {
    prepare_request(user_agent);
    return;
  }
  set(x, CURLOPT_CONNECT_ONLY, 1L);
  set(x, CURLOPT_CERTINFO, 1L);
}

void http_transfer::prepare_request(const std::string& user_agent) {
  auto* x = easy_.get();
  set(x, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  if (!user_agent.empty())
    set(x, CURLOPT_USERAGENT, user_agent.c_str());
  headers_.reset();
  // A default type would be a wrong one, and waiting for "100 Continue" costs
  // a second with servers that do not know it.
  append(headers_, "Content-Type:");
  append(headers_, "Expect:");
  for (const auto& [name, value] : request_.headers) {
    // To libcurl "name:" means to leave it out, "name;" to send it empty.
    auto line = name;
    line += trimmed(value).empty() ? std::string{";"} : ": " + value;
    append(headers_, line);
  }
  set(x, CURLOPT_HTTPHEADER, headers_.get());
  if (request_.login) {
    set(x, CURLOPT_HTTPAUTH, CURLAUTH_DIGEST);
    set(x, CURLOPT_USERNAME, request_.login->username.c_str());
    set(x, CURLOPT_PASSWORD, request_.login->password.c_str());
  }
  if (request_.method == "HEAD") {
    set(x, CURLOPT_NOBODY, 1L);
    return;
  }
  if (request_.body.empty() && request_.method == "GET") {
    set(x, CURLOPT_HTTPGET, 1L);
    return;
  }
  set(x, CURLOPT_POSTFIELDS, request_.body.c_str());
  set(x, CURLOPT_POSTFIELDSIZE_LARGE,
      static_cast<curl_off_t>(request_.body.size()));
  set(x, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
}

void http_transfer::prepare_tls() {
  auto* x = easy_.get();
  const auto& tls = request_.tls;
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

std::size_t http_transfer::on_body(char* data, std::size_t, std::size_t length,
                                   void* self) {
  auto* x = static_cast<http_transfer*>(self);
  auto& body = x->answer_.body;
  const auto taken = std::min(length, x->request_.max_answer - body.size());
  body.append(data, taken);
  x->cut_ = taken < length;
  // Taking less than all ends the transfer.
  return taken;
}

std::size_t http_transfer::on_header(char* data, std::size_t,
                                     std::size_t length, void* self) {
  auto* x = static_cast<http_transfer*>(self);
  const std::string_view line{data, length};
  constexpr std::string_view retry_after = "retry-after:";
  constexpr std::string_view location = "location:";
  // A status line begins the final answer's headers after an interim one's.
  if (line.starts_with("HTTP/")) {
    x->answer_.retry_after.clear();
    x->location_.clear();
  } else if (starts_with_ignoring_case(line, retry_after)) {
    x->answer_.retry_after =
      trimmed(line.substr(retry_after.size())).substr(0, max_retry_after);
  } else if (x->request_.follow_redirect
             && starts_with_ignoring_case(line, location)) {
    x->location_ = trimmed(line.substr(location.size()));
  }
  return length;
}

int http_transfer::status_after(CURLcode code) const {
  if (request_.connect_only || (code != CURLE_OK && !cut_))
    return 0;
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  return static_cast<int>(status);
}

result<std::string> http_transfer::redirect_target(int status) const {
  if (status != 301 && status != 302 && status != 307 && status != 308)
    return fail(errc::malformed, "only 301, 302, 307 and 308 are followed");
  if (followed_)
    return fail(errc::malformed, "a second redirect is not followed");
  if (location_.empty())
    return fail(errc::malformed, "the redirect does not say where to");
  if (location_.size() > max_location)
    return fail(errc::malformed, "the redirect leads to a URL that is too "
                                 "long");
  const auto not_valid =
    fail(errc::malformed, "the redirect does not lead to a valid HTTP URL");
  const url_handle to{curl_url()};
  if (!parse(to, request_.url) || !parse(to, location_))
    return not_valid;
  const auto there = http_origin(to);
  if (there.empty())
    return not_valid;
  if (!same_ignoring_case(there, origin_))
    return fail(errc::malformed, "the redirect is not followed, for it leads "
                                 "to "
                                   + shown(there) + ", away from " + origin_);
  auto url = at_path_of(to, request_.url);
  if (url.empty())
    return not_valid;
  return url;
}

// By hand: libcurl can keep its own credentials from another server, but not
// our headers and the body.
bool http_transfer::follow(CURLcode code, const std::string& user_agent,
                           mono_time now) {
  const auto status = status_after(code);
  if (!request_.follow_redirect || status < 300 || status > 399)
    return false;
  auto target = redirect_target(status);
  if (!target) {
    answer_.error = std::move(target.error().what);
    return false;
  }
  request_.url = std::move(*target);
  followed_ = true;
  answer_ = {};
  location_.clear();
  cut_ = false;
  prepare(std::move(easy_), user_agent, now);
  return true;
}

easy_handle http_transfer::finish(CURLcode code) {
  if (code == CURLE_OK || cut_) {
    answer_.status = status_after(code);
    if (request_.connect_only)
      answer_.pin = pin_of_server(easy_.get());
  } else {
    answer_ = {};
    answer_.error = shown_origin() + ": " + words_for(code);
  }
  auto easy = std::move(easy_);
  // Nothing of this request stays in a handle that waits for the next one.
  curl_easy_reset(easy.get());
  done_(std::move(answer_));
  return easy;
}

void http_transfer::give_up(std::string_view words) {
  http_answer answer;
  answer.error = shown_origin();
  if (!answer.error.empty())
    answer.error += ": ";
  answer.error += words;
  done_(std::move(answer));
}

void http_transfer::expire() {
  give_up("not sent within " + to_words(request_.timeout)
          + ", for all its connections to this server were busy");
}

std::string http_transfer::shown_origin() const {
  return request_.connect_to.empty() || origin_.empty()
           ? origin_
           : origin_ + " at " + request_.connect_to;
}

std::string http_transfer::words_for(CURLcode code) const {
  auto* x = easy_.get();
  long number = 0;
  curl_off_t sent_after = 0;
  switch (code) {
  case CURLE_COULDNT_RESOLVE_HOST:
    return "the name cannot be resolved";
  case CURLE_COULDNT_RESOLVE_PROXY:
    return "the proxy's name cannot be resolved";
  case CURLE_COULDNT_CONNECT:
    curl_easy_getinfo(x, CURLINFO_OS_ERRNO, &number);
    return "no connection"
           + (number != 0 ? " (" + error_text(static_cast<int>(number)) + ")"
                          : std::string{});
  case CURLE_OPERATION_TIMEDOUT:
    curl_easy_getinfo(x, CURLINFO_PRETRANSFER_TIME_T, &sent_after);
    return (sent_after > 0 ? "no whole answer within "
                           : "no connection within ")
           + to_words(sent_after > 0
                        ? request_.timeout
                        : std::min(request_.timeout, max_connect_time));
  case CURLE_PEER_FAILED_VERIFICATION:
    curl_easy_getinfo(x, CURLINFO_SSL_VERIFYRESULT, &number);
    // libcurl checks the name before it asks for OpenSSL's verdict.
    if (number == X509_V_OK || number == X509_V_ERR_UNSPECIFIED)
      return "the server's certificate is for another name";
    return std::string{"the server's certificate is not trusted ("}
           + X509_verify_cert_error_string(number) + ")";
  case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    return "the server's key is not the pinned one, so nothing was sent to it";
  case CURLE_SSL_CACERT_BADFILE:
    return "the CA file cannot be read or holds no certificate";
  case CURLE_SSL_CERTPROBLEM:
    return "the client's certificate or key cannot be read, or they do not "
           "belong together";
  case CURLE_SSL_CONNECT_ERROR:
    return "the TLS handshake failed";
  case CURLE_GOT_NOTHING:
    return "the server closed the connection without an answer";
  case CURLE_PARTIAL_FILE:
    return "the server closed the connection in the middle of its answer";
  case CURLE_SEND_ERROR:
  case CURLE_RECV_ERROR:
    return "the connection broke";
  default:
    // One fixed text per code. libcurl's other texts can quote the URL or
    // what the server sent.
    return curl_easy_strerror(code);
  }
}

} // namespace signalbox::net
