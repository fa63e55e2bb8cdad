#include "formats/qlik.hpp"

#include "formats/ascii.hpp"
#include "formats/timestamp.hpp"
#include "messages/event.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace signalbox {

namespace {

/// A text cut at its separators. What exceeds `most` pieces stays together in
/// the last, so that a flood of separators costs nothing.
class pieces {
public:
  static constexpr std::size_t most = 64;

  // A line has few pieces: the rest of the room is not touched.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
  pieces(std::string_view text, std::string_view separator) noexcept {
    while (size_ + 1 < most) {
      const auto n = text.find(separator);
      if (n == text.npos)
        break;
      items_[size_++] = {text.data(), n};
      text.remove_prefix(n + separator.size());
    }
    items_[size_++] = {text.data(), text.size()};
  }

  [[nodiscard]] std::size_t size() const noexcept {
    return size_;
  }

  /// True if the last piece may hold separators.
  [[nodiscard]] bool is_cut_short() const noexcept {
    return size_ == most;
  }

  std::string_view operator[](std::size_t i) const noexcept {
    return {items_[i].begin, items_[i].size};
  }

  /// The text from piece `first` up to piece `end`, separators included.
  [[nodiscard]] std::string_view range(std::size_t first,
                                       std::size_t end) const noexcept {
    const auto& last = items_[end - 1];
    const auto* begin = items_[first].begin;
    return {begin, static_cast<std::size_t>(last.begin - begin) + last.size};
  }

  [[nodiscard]] std::string_view from(std::size_t first) const noexcept {
    return range(first, size_);
  }

private:
  struct piece {
    const char* begin;
    std::size_t size;
  };

  std::array<piece, most> items_;
  std::size_t size_ = 0;
};

bool is_null(std::string_view x) {
  return x.empty() || x == "(null)";
}

std::string_view value(std::string_view x) {
  return is_null(x) ? std::string_view{} : x;
}

bool is_blank(std::string_view x) {
  return is_null(x) || x.find_first_not_of(' ') == x.npos;
}

bool is_known_command(std::string_view x) {
  return kind_from_command(x) != event_kind::other;
}

/// A path, or one of the names that Sense uses in place of one.
bool is_path(std::string_view x) {
  return x.starts_with('/') || starts_with_nocase(x, "app/")
         || equals_nocase(x, "hub") || starts_with_nocase(x, "hub/")
         || starts_with_nocase(x, "hub?");
}

bool is_context(std::string_view x) {
  return is_null(x) || is_path(x);
}

/// The values that Sense documents for the origin of a request, and a URL.
bool is_origin(std::string_view x) {
  return is_null(x) || equals_nocase(x, "AppAccess")
         || equals_nocase(x, "ManagementAccess")
         || equals_nocase(x, "Not available")
         || starts_with_nocase(x, "https://")
         || starts_with_nocase(x, "http://");
}

/// How messages begin; a piece of a path or of a user id rarely has spaces.
bool is_sentence(std::string_view x) {
  return x.find(' ') != x.npos || starts_with_nocase(x, "UserAgent:");
}

reject missing(std::string_view detail) {
  return {reject_reason::malformed, detail};
}

constexpr std::array<std::string_view, 7> missing_field{
  "host is missing",    "command is missing", "user directory is missing",
  "user id is missing", "origin is missing",  "context is missing",
  "message is missing",
};

// -- generations 1 and 2 ------------------------------------------------------

/// Finds the fields of a line whose free text may hold separators. The places
/// are those of the fields in `line`.
class resynchronised {
public:
  explicit resynchronised(const pieces& line) noexcept : line_(line) {
    find_command();
    find_context();
    find_message();
  }

  [[nodiscard]] qlik_line fields() const noexcept {
    qlik_line x;
    x.host = value(line_.range(0, command_));
    x.command = value(line_[command_]);
    x.user_directory = value(line_[command_ + 1]);
    x.user_id = value(line_.range(command_ + 2, context_ - 1));
    x.origin = value(line_[context_ - 1]);
    x.context = value(line_.range(context_, message_));
    x.message = value(line_.from(message_));
    x.ambiguous = ambiguous_;
    return x;
  }

private:
  /// The command is the second field. One stray separator before it is mended;
  /// any further, the search would reach text that users choose.
  void find_command() noexcept {
    if (!is_known_command(line_[1]) && line_.size() > missing_field.size()
        && is_known_command(line_[2])) {
      command_ = 2;
      ambiguous_ = true;
    }
  }

  /// The context is three fields behind the command, unless the user id holds
  /// separators: then it is the first place that looks like one, with a known
  /// origin before it or a sentence behind it.
  void find_context() noexcept {
    const auto usual = command_ + 4;
    // The message needs a place, too; what is cut short confirms nothing.
    const auto end = line_.size() - (line_.is_cut_short() ? 2 : 1);
    context_ = usual;
    if (end == usual + 1)
      return; // exactly as many separators as there should be
    std::size_t confirmed = 0;
    for (auto i = usual; i < end; ++i) {
      if (is_confirmed_context(i) && confirmed++ == 0)
        context_ = i;
    }
    if (confirmed == 0)
      context_ = first_context(usual, end);
    ambiguous_ = ambiguous_ || confirmed != 1 || context_ != usual;
  }

  [[nodiscard]] bool is_confirmed_context(std::size_t i) const noexcept {
    const auto known_origin = is_origin(line_[i - 1]);
    if (is_path(line_[i]))
      return known_origin || is_sentence(line_[i + 1]);
    const auto is_last = i + 2 == line_.size();
    return known_origin && is_null(line_[i])
           && (is_last || is_sentence(line_[i + 1]));
  }

  [[nodiscard]] std::size_t first_context(std::size_t usual,
                                          std::size_t end) const noexcept {
    if (is_context(line_[usual]))
      return usual;
    for (auto i = usual; i < end; ++i) {
      if (is_path(line_[i]))
        return i;
    }
    return usual;
  }

  /// A URL may hold separators: pieces that can continue it belong to it when
  /// the message's first sentence is still to come.
  void find_message() noexcept {
    message_ = context_ + 1;
    if (!is_path(line_[context_]))
      return;
    auto end = message_;
    while (end < line_.size() && !is_sentence(line_[end])
           && continues_path(end))
      ++end;
    if (end == message_ || end == line_.size() || !is_sentence(line_[end]))
      return;
    message_ = end;
    ambiguous_ = true;
  }

  [[nodiscard]] bool continues_path(std::size_t i) const noexcept {
    const auto piece = line_[i];
    const auto in_query = line_[context_].find('?') != std::string_view::npos;
    return !piece.empty()
           && (in_query || piece.find_first_of("=/%&") != piece.npos);
  }

  const pieces& line_;
  std::size_t command_ = 1;
  std::size_t context_ = 0;
  std::size_t message_ = 0;
  bool ambiguous_ = false;
};

tl::expected<qlik_line, reject> read_prefixed(std::string_view rest) noexcept {
  const pieces line{rest, ";"};
  if (is_blank(line[0]))
    return tl::unexpected(missing(missing_field[0]));
  if (line.size() < missing_field.size())
    return tl::unexpected(missing(missing_field[line.size()]));
  const auto x = resynchronised{line}.fields();
  if (is_blank(x.command))
    return tl::unexpected(missing(missing_field[1]));
  return x;
}

// -- generation 0 -------------------------------------------------------------

bool is_host_name(std::string_view x) {
  return std::ranges::all_of(x, [](char c) {
    return is_alphanumeric(c) || c == '-' || c == '.' || c == '_';
  });
}

/// Four fields and no prefix. With a known command a separator too many is the
/// user id's; with any other, the line must look the part in full.
tl::expected<qlik_line, reject> read_bare(std::string_view text) noexcept {
  const pieces line{text, ";"};
  const auto known = line.size() > 1 && is_known_command(line[1]);
  if (!known && (line.size() != 4 || !is_host_name(line[0])))
    return tl::unexpected(missing("no known form"));
  if (is_blank(line[0]))
    return tl::unexpected(missing(missing_field[0]));
  if (line.size() < 4)
    return tl::unexpected(missing(missing_field[line.size()]));
  if (is_blank(line[1]))
    return tl::unexpected(missing(missing_field[1]));
  qlik_line x;
  x.host = line[0];
  x.command = line[1];
  x.user_directory = value(line[2]);
  x.user_id = value(line.from(3));
  x.ambiguous = line.size() > 4;
  return x;
}

// -- generation 3, the extended appender's ------------------------------------

constexpr std::string_view unit_separator = "\xE2\x90\x9F"; // U+241F

/// version, row, time, then the seven fields; nothing in them can be taken for
/// a separator.
tl::expected<qlik_line, reject> read_extended(std::string_view rest) noexcept {
  constexpr std::size_t extra = 3;
  const pieces line{rest, unit_separator};
  if (line[0] != "3")
    return tl::unexpected(missing("unknown version of the extended form"));
  if (line.size() < extra)
    return tl::unexpected(missing("row number or time is missing"));
  const auto given = line.size() - extra;
  if (given < missing_field.size())
    return tl::unexpected(missing(missing_field[given]));
  qlik_line x;
  const auto row = line[1];
  const auto parsed =
    std::from_chars(row.data(), row.data() + row.size(), x.row_number);
  if (parsed.ec != std::errc{} || parsed.ptr != row.data() + row.size())
    return tl::unexpected(missing("row number is no number"));
  x.sent = parse_timestamp(line[2]);
  if (!x.sent)
    return tl::unexpected(missing("time is not an ISO 8601 date with a zone"));
  x.host = value(line[extra]);
  x.command = value(line[extra + 1]);
  x.user_directory = value(line[extra + 2]);
  x.user_id = value(line[extra + 3]);
  x.origin = value(line[extra + 4]);
  x.context = value(line[extra + 5]);
  x.message = value(line.from(extra + 6));
  if (is_blank(x.host))
    return tl::unexpected(missing(missing_field[0]));
  if (is_blank(x.command))
    return tl::unexpected(missing(missing_field[1]));
  return x;
}

// -- prefixes -----------------------------------------------------------------

struct prefix {
  std::string_view text; ///< The separator included.
  tl::expected<qlik_line, reject> (*read)(std::string_view rest) noexcept;
};

constexpr std::array prefixes{
  prefix{"/qseow-proxy-session/;", read_prefixed},
  prefix{"/qseow-proxy-connection/;", read_prefixed},
  prefix{"/proxy-session/;", read_prefixed},
  prefix{"/proxy-connection/;", read_prefixed},
  prefix{"/signalbox-session/\xE2\x90\x9F", read_extended},
  prefix{"/signalbox-connection/\xE2\x90\x9F", read_extended},
};

} // namespace

tl::expected<qlik_line, reject> read_qlik_line(std::string_view line) noexcept {
  if (line.empty())
    return tl::unexpected(missing("empty datagram"));
  if (line.find_first_not_of("; ") == line.npos)
    return tl::unexpected(missing("only separators"));
  if (!line.starts_with('/'))
    return read_bare(line);
  // Nearly all are spelt as here.
  for (const auto& x : prefixes)
    if (line.starts_with(x.text))
      return x.read(line.substr(x.text.size()));
  for (const auto& x : prefixes)
    if (starts_with_nocase(line, x.text))
      return x.read(line.substr(x.text.size()));
  return tl::unexpected(missing("unknown prefix"));
}

} // namespace signalbox
