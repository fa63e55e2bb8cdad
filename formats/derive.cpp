#include "formats/derive.hpp"

#include "formats/ascii.hpp"

namespace signalbox {

namespace {

/// The quote that closes a text is the first at the end of a word; product
/// names hold apostrophes, too.
std::string_view up_to_closing(std::string_view x, char quote) noexcept {
  for (auto n = x.find(quote); n != x.npos; n = x.find(quote, n + 1)) {
    if (n + 1 == x.size() || !is_alphanumeric(x[n + 1]))
      return x.substr(0, n);
  }
  return x;
}

} // namespace

bool is_guid(std::string_view x) noexcept {
  if (x.size() != guid_length)
    return false;
  if (x[8] != '-' || x[13] != '-' || x[18] != '-' || x[23] != '-')
    return false;
  // Without a branch inside, which is what compilers vectorise.
  unsigned char digits = 0;
  for (const auto c : x.substr(0, guid_length)) {
    const auto byte = static_cast<unsigned char>(c);
    const auto lower = static_cast<unsigned char>(byte | 0x20U);
    digits += static_cast<unsigned char>(
      static_cast<unsigned char>(byte - '0') < 10
      || static_cast<unsigned char>(lower - 'a') < 6);
  }
  return digits == guid_length - 4;
}

std::string_view app_id_in(std::string_view context) noexcept {
  constexpr std::string_view app = "app/";
  if (context.starts_with('/'))
    context.remove_prefix(1);
  if (!starts_with_nocase(context, app))
    return {};
  context.remove_prefix(app.size());
  const auto id = context.substr(0, guid_length);
  const auto behind = context.substr(id.size());
  if (!is_guid(id) || (!behind.empty() && is_alphanumeric(behind.front())))
    return {};
  return id;
}

std::string_view user_agent_in(std::string_view message) noexcept {
  constexpr std::string_view marker = "UserAgent:";
  const auto at = message.find(marker);
  if (at == message.npos)
    return {};
  auto text = message.substr(at + marker.size());
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  if (!text.empty() && (text.front() == '\'' || text.front() == '"'))
    return up_to_closing(text.substr(1), text.front());
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

} // namespace signalbox
