// Events made by hand: what `signalbox send` puts into datagrams.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox::cli {

/// The form of the datagram: three generations of Qlik Sense, or our JSON.
enum class sample_format : std::uint8_t { g2, g1, g0, json };

/// The fields of one event, as an administrator types them.
struct sample_event {
  std::string command = "Open connection";
  std::string host;
  std::string user_directory;
  std::string user_id;
  std::string origin;
  std::string context;
  std::string message;
};

/// Splits `DIRECTORY\id` or `DIRECTORY/id`; without either, all is the id.
void set_user(sample_event& to, std::string_view text);

/// One datagram, as Qlik Sense (or a JSON sender) would send it.
std::string datagram_text(const sample_event& x, sample_format format);

} // namespace signalbox::cli
