#include "endpoints/http_headers.hpp"

#include "policy/plain_text.hpp"

#include <algorithm>

namespace signalbox {

namespace {

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char x) {
    return x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x;
  };
  return std::ranges::equal(a, b, {}, lower, lower);
}

/// RFC 9110, 5.6.2: a token.
bool is_header_name(std::string_view x) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !x.empty() && std::ranges::all_of(x, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
           || (c >= 'a' && c <= 'z') || others.find(c) != others.npos;
  });
}

/// RFC 9110, 5.5: no control characters; a line break would add a header.
bool is_header_value(std::string_view x) {
  return std::ranges::none_of(x, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
  });
}

} // namespace

http_headers http_headers::read(config::section& options,
                                std::string_view key) {
  http_headers made;
  for (auto& [name, value] : options.table_of_secrets(key)) {
    if (!is_header_name(name))
      options.mistake(key, "'" + one_line(name, 64)
                             + "' is not the name of a header");
    else if (!is_header_value(value.reveal()))
      options.mistake(key, "the value of '" + name
                             + "' has a line break or another control "
                               "character");
    made.headers_.emplace_back(std::move(name),
                               renewable_secret{std::move(value)});
  }
  return made;
}

void http_headers::add_to(http_request& request) const {
  for (const auto& [name, value] : headers_) {
    std::erase_if(request.headers, [&name = name](const auto& header) {
      return same_name(header.first, name);
    });
    request.headers.emplace_back(name, value.reveal());
  }
}

std::string http_headers::account() const {
  std::string text;
  for (const auto& [name, value] : headers_)
    text.append("\n").append(name).append(":").append(value.reveal());
  return text;
}

void http_headers::renew() {
  for (auto& [name, value] : headers_) {
    auto fresh = value;
    fresh.renew();
    if (is_header_value(fresh.reveal()))
      value = std::move(fresh);
  }
}

} // namespace signalbox
