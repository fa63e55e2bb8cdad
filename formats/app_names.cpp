#include "formats/app_names.hpp"

#include "formats/ascii.hpp"
#include "formats/derive.hpp"
#include "formats/text.hpp"

#include <fmt/format.h>

#include <optional>

namespace signalbox {

namespace {

/// Reads CSV as RFC 4180 has it: quoted fields may hold commas, line breaks
/// and doubled quotes.
class csv_reader {
public:
  explicit csv_reader(std::string_view text) : rest_(text) {
    // nop
  }

  /// The line that the row read last began on, from 1.
  [[nodiscard]] std::size_t line() const noexcept {
    return row_line_;
  }

  [[nodiscard]] bool at_end() const noexcept {
    return rest_.empty();
  }

  /// The next row's fields; empty when a quote is not closed, or stands where
  /// none may.
  std::optional<std::vector<std::string>> row() {
    row_line_ = line_;
    std::vector<std::string> fields;
    do {
      auto field = rest_.starts_with('"') ? quoted() : plain();
      if (!field)
        return std::nullopt;
      fields.push_back(std::move(*field));
    } while (skip(","));
    if (!rest_.empty() && !skip("\r\n") && !skip("\n"))
      return std::nullopt;
    ++line_;
    return fields;
  }

private:
  bool skip(std::string_view x) {
    if (!rest_.starts_with(x))
      return false;
    rest_.remove_prefix(x.size());
    return true;
  }

  std::optional<std::string> plain() {
    const auto field = rest_.substr(0, rest_.find_first_of(",\r\n"));
    if (field.find('"') != field.npos)
      return std::nullopt;
    rest_.remove_prefix(field.size());
    return std::string{field};
  }

  std::optional<std::string> quoted() {
    std::string field;
    rest_.remove_prefix(1);
    for (;;) {
      const auto n = rest_.find('"');
      if (n == rest_.npos)
        return std::nullopt;
      const auto part = rest_.substr(0, n);
      line_ += static_cast<std::size_t>(std::ranges::count(part, '\n'));
      field += part;
      rest_.remove_prefix(n + 1);
      if (!skip("\""))
        return field;
      field += '"';
    }
  }

  std::string_view rest_;
  std::size_t line_ = 1;
  std::size_t row_line_ = 1;
};

std::string_view trimmed(std::string_view x) {
  x.remove_prefix(std::min(x.find_first_not_of(' '), x.size()));
  return x.substr(0, x.find_last_not_of(' ') + 1);
}

/// "app id", "guid", "Id", … but no GUID, which has no 'i'.
bool is_heading(std::string_view x) {
  for (std::size_t i = 0; i + 2 <= x.size(); ++i) {
    if (equals_nocase(x.substr(i, 2), "id"))
      return true;
  }
  return false;
}

} // namespace

result<void> app_names::add_csv(std::string_view text) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark))
    text.remove_prefix(byte_order_mark.size());
  auto heading_allowed = true;
  for (csv_reader in{text}; !in.at_end();) {
    const auto row = in.row();
    const auto bad = [&in](std::string_view why) {
      return fail(errc::malformed, fmt::format("line {}: {}", in.line(), why));
    };
    if (!row)
      return bad("a quote is not closed or stands inside a field");
    if (row->size() == 1 && trimmed(row->front()).empty())
      continue;
    if (row->size() < 2)
      return bad("two fields are expected: app id, app name");
    const auto id = trimmed(row->front());
    const auto name = trimmed((*row)[1]);
    const auto is_first = std::exchange(heading_allowed, false);
    if (is_guid(id) && !name.empty())
      add(id, name);
    else if (!is_first || !is_heading(id))
      return bad(is_guid(id) ? "the app name is empty"
                             : "the app id is not a GUID");
  }
  return {};
}

void app_names::add(std::string_view id, std::string_view name) {
  std::string key{id};
  std::ranges::transform(key, key.begin(), to_lower);
  std::string clean;
  append_clean(clean, name);
  names_.insert_or_assign(std::move(key), std::move(clean));
}

std::string_view app_names::find(std::string_view id) const {
  const auto i = names_.find(id);
  return i == names_.end() ? std::string_view{} : i->second;
}

} // namespace signalbox
