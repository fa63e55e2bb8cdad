#include "net/http_transfer.hpp"

#include "net/address.hpp"
#include "net/server_key.hpp"

#include <openssl/x509.h>

#include <algorithm>
#include <strings.h>

namespace signalbox::net {

namespace {

using namespace std::chrono_literals;

/// Of a Retry-After header, which holds a number or a date.
constexpr std::size_t max_retry_after = 128;

bool has_line_break(std::string_view x) {
  return std::ranges::any_of(
    x, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
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

std::string to_words(std::chrono::milliseconds x) {
  return x % 1s == 0ms ? std::to_string(x / 1s) + " s"
                       : std::to_string(x.count()) + " ms";
}

} // namespace

http_transfer::http_transfer(http_request request, http_client::on_answer done,
                             mono_time deadline)
  : request_(std::move(request)), done_(std::move(done)), deadline_(deadline) {
  // nop
}

result<void> http_transfer::take(std::shared_ptr<http_route> route) {
  route_ = std::move(route);
  for (const auto& [name, value] : request_.headers)
    if (has_line_break(value))
      return fail(errc::bad_config, "a header's value has a line break");
  return {};
}

void http_transfer::prepare(const http_surroundings& surroundings,
                            mono_time now) {
  if (route_->idle.empty()) {
    handle_ =
      std::make_unique<http_handle>(request_, route_->url.get(), surroundings);
  } else {
    handle_ = std::move(route_->idle.back());
    route_->idle.pop_back();
  }
  handle_->load(request_, time_left(now), *this);
}

std::chrono::milliseconds http_transfer::time_left(mono_time now) const {
  return std::max(
    1ms, std::chrono::ceil<std::chrono::milliseconds>(deadline_ - now));
}

std::size_t http_transfer::take_body(std::string_view piece) {
  auto& body = answer_.body;
  const auto taken = std::min(piece.size(), request_.max_answer - body.size());
  body.append(piece.data(), taken);
  cut_ = taken < piece.size();
  return taken;
}

void http_transfer::take_header(std::string_view line) {
  constexpr std::string_view retry_after = "retry-after:";
  constexpr std::string_view location = "location:";
  // A status line begins the final answer's headers after an interim one's.
  if (line.starts_with("HTTP/")) {
    answer_.retry_after.clear();
    location_.clear();
  } else if (starts_with_ignoring_case(line, retry_after)) {
    answer_.retry_after =
      trimmed(line.substr(retry_after.size())).substr(0, max_retry_after);
  } else if (request_.follow_redirect
             && starts_with_ignoring_case(line, location)) {
    location_ = trimmed(line.substr(location.size()));
  }
}

int http_transfer::status_after(CURLcode code) const {
  if (request_.connect_only || (code != CURLE_OK && !cut_))
    return 0;
  long status = 0;
  curl_easy_getinfo(easy(), CURLINFO_RESPONSE_CODE, &status);
  return static_cast<int>(status);
}

result<std::string> http_transfer::redirect_target(int status) const {
  if (status != 301 && status != 302 && status != 307 && status != 308)
    return fail(errc::malformed, "only 301, 302, 307 and 308 are followed");
  if (followed_)
    return fail(errc::malformed, "a second redirect is not followed");
  return redirected(request_.url, location_);
}

// By hand: libcurl can keep its own credentials from another server, but not
// our headers and the body.
bool http_transfer::follow(CURLcode code, const http_surroundings& surroundings,
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
  handle_ = std::make_unique<http_handle>(request_, nullptr, surroundings);
  handle_->load(request_, time_left(now), *this);
  return true;
}

http_answer http_transfer::finish(CURLcode code, std::size_t most) {
  if (code == CURLE_OK || cut_) {
    answer_.status = status_after(code);
    if (request_.connect_only)
      answer_.pin = pin_of_server(easy());
  } else {
    answer_ = given_up(words_for(code));
  }
  // Credentials leave traces in a handle.
  if (code == CURLE_OK && !followed_ && !request_.login
      && !request_.connect_only && route_->idle.size() < most)
    route_->idle.push_back(std::move(handle_));
  return std::move(answer_);
}

http_answer http_transfer::given_up(std::string_view words) const {
  http_answer answer;
  if (route_)
    answer.error = route_->shown_origin() + ": ";
  answer.error += words;
  return answer;
}

http_answer http_transfer::expired() const {
  return given_up("not sent within " + to_words(request_.timeout)
                  + ", for all its connections to this server were busy");
}

std::string http_transfer::words_for(CURLcode code) const {
  auto* x = easy();
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
