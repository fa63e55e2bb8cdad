#include "net/http_url.hpp"

#include <algorithm>
#include <strings.h>

namespace signalbox::net {

namespace {

/// Of a Location header; a longer one is not followed. RFC 9110, 4.1, wants
/// URLs of 8,000 bytes to be possible.
constexpr std::size_t max_location = 8'192;

/// Of another server's origin that is shown; names have 253 characters at most.
constexpr std::size_t max_shown_origin = 280;

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

bool same_ignoring_case(const std::string& a, const std::string& b) {
  return strcasecmp(a.c_str(), b.c_str()) == 0;
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

} // namespace

result<url_handle> parse_url(const std::string& text) {
  // libcurl would forgive the third slash and take the path for the host.
  if (const auto i = text.find("://");
      i != std::string::npos && text.compare(i, 4, ":///") == 0)
    return fail(errc::bad_config, "the URL has no host; write it like "
                                  "https://host/path");
  url_handle parsed{curl_url()};
  if (!parse(parsed, text))
    return fail(errc::bad_config, "the URL is not valid; write it like "
                                  "https://host/path");
  if (origin_of(parsed).empty())
    return fail(errc::bad_config,
                "the URL must begin with http:// or https://");
  return parsed;
}

std::string origin_of(const url_handle& url) {
  const auto scheme = part_of(url, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https")
    return {};
  return scheme + "://" + part_of(url, CURLUPART_HOST) + ":"
         + part_of(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

result<std::string> redirected(const std::string& url,
                               const std::string& location) {
  if (location.empty())
    return fail(errc::malformed, "the redirect does not say where to");
  if (location.size() > max_location)
    return fail(errc::malformed, "the redirect leads to a URL that is too "
                                 "long");
  const auto not_valid =
    fail(errc::malformed, "the redirect does not lead to a valid HTTP URL");
  const url_handle to{curl_url()};
  if (!parse(to, url))
    return not_valid;
  const auto here = origin_of(to);
  if (!parse(to, location))
    return not_valid;
  const auto there = origin_of(to);
  if (there.empty())
    return not_valid;
  if (!same_ignoring_case(there, here))
    return fail(errc::malformed, "the redirect is not followed, for it leads "
                                 "to "
                                   + shown(there) + ", away from " + here);
  auto made = at_path_of(to, url);
  if (made.empty())
    return not_valid;
  return made;
}

} // namespace signalbox::net
