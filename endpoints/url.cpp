#include "endpoints/url.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace signalbox {

namespace {

auto invalid(std::string why) {
  return fail(errc::bad_config, std::move(why));
}

constexpr bool alphanumeric(char x) {
  return (x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z')
         || (x >= '0' && x <= '9');
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text.front() != '%') {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    unsigned value = 0;
    const auto* begin = text.data() + 1;
    const auto* end = begin + std::min<std::size_t>(2, text.size() - 1);
    const auto [last, error] = std::from_chars(begin, end, value, 16);
    if (error != std::errc{} || last != begin + 2)
      return std::nullopt;
    out += static_cast<char>(value);
    text.remove_prefix(3);
  }
  return out;
}

/// "user[:password]".
result<void> read_user(std::string_view text, url_parts& parts) {
  const auto colon = text.find(':');
  const auto name = percent_decoded(text.substr(0, colon));
  const auto password = colon == std::string_view::npos
                          ? std::string{}
                          : percent_decoded(text.substr(colon + 1));
  if (!name || !password)
    return invalid("the user or password has a '%' that is not followed by "
                   "two hexadecimal digits; write '%' as %25");
  parts.username = *name;
  parts.password = *password;
  return {};
}

/// "host[:port]" or "[ipv6][:port]".
result<void> read_host(std::string_view text, url_parts& parts) {
  const auto bracketed = text.starts_with('[');
  const auto end = text.find(bracketed ? ']' : ':');
  if (bracketed && end == std::string_view::npos)
    return invalid("the IPv6 address lacks its ']'");
  parts.host = text.substr(bracketed ? 1 : 0, end - (bracketed ? 1 : 0));
  const auto allowed = [bracketed](char x) {
    return alphanumeric(x) || x == '.' || x == '-' || x == '_'
           || (bracketed && (x == ':' || x == '%'));
  };
  if (parts.host.empty())
    return invalid("the URL has no host");
  if (!std::ranges::all_of(parts.host, allowed))
    return invalid("the host has a character that no host name has; write "
                   "'@', ':' and '/' in a user or password as %40, %3A, %2F");
  auto rest = std::string_view{};
  if (end != std::string_view::npos)
    rest = text.substr(bracketed ? end + 1 : end);
  if (rest.empty())
    return {};
  const auto* last = rest.data() + rest.size();
  const auto [parsed, error] =
    std::from_chars(rest.data() + 1, last, parts.port);
  if (rest.front() != ':' || error != std::errc{} || parsed != last
      || parts.port == 0)
    return invalid("the port is not a number from 1 to 65535");
  return {};
}

} // namespace

result<url_parts> parse_url(std::string_view text) {
  const auto visible = [](char x) {
    return x > ' ' && x != 0x7F;
  };
  if (!std::ranges::all_of(text, visible))
    return invalid("the URL has a space, a control character or a letter "
                   "beyond ASCII; percent-encode it");
  const auto separator = text.find("://");
  if (separator == 0 || separator == std::string_view::npos)
    return invalid("the URL does not start with a scheme such as 'https://'");
  url_parts parts;
  for (auto x : text.substr(0, separator))
    parts.scheme += x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x;
  text.remove_prefix(separator + 3);
  const auto authority = text.substr(0, text.find_first_of("/?#"));
  parts.target = text.substr(authority.size());
  auto host = authority;
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    if (auto ok = read_user(authority.substr(0, at), parts); !ok)
      return tl::unexpected(ok.error());
    host = authority.substr(at + 1);
  }
  if (auto ok = read_host(host, parts); !ok)
    return tl::unexpected(ok.error());
  return parts;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const auto x : text) {
    if (alphanumeric(x) || std::string_view{"-._~"}.find(x) != text.npos) {
      out += x;
      continue;
    }
    const auto byte = static_cast<unsigned char>(x);
    out += '%';
    out += digits[byte >> 4U];
    out += digits[byte & 0xFU];
  }
  return out;
}

} // namespace signalbox
