// Who may ask the admin interface for what. Pure: it looks at what a request
// says of itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace signalbox {

/// What a request says of itself. A header that is absent is empty.
struct admin_asker {
  bool open = false;          ///< Anybody may have it: health, the page.
  bool changes = false;       ///< It would change something.
  std::string host;           ///< Host
  std::string authorization;  ///< Authorization
  std::string origin;         ///< Origin: the page that asks, says a browser.
  std::string sec_fetch_site; ///< Sec-Fetch-Site: where that page is from.
};

/// An HTTP status, and words for a person.
struct admin_refusal {
  int status = 0;
  std::string words;
};

/// Whether requests to this host stay on this machine.
bool is_loopback(std::string_view host);

/// Why the request is refused; empty if it is not. With a token, whoever shows
/// it is let in. Without one the interface is on a loopback address, and all
/// that is to be feared is the browser of somebody on this machine: a page from
/// elsewhere must neither read anything, by a name of its own that leads to
/// 127.0.0.1 (DNS rebinding), nor change anything (cross-site request forgery).
std::optional<admin_refusal> refuse(const admin_asker& x,
                                    std::string_view token);

} // namespace signalbox
