#include "formats/wire_parser.hpp"

#include "formats/ascii.hpp"
#include "formats/batch_user_agents.hpp"
#include "formats/derive.hpp"
#include "formats/json.hpp"
#include "formats/qlik.hpp"
#include "formats/text.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace signalbox {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view json_space = " \t\r\n";

bool skip_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix))
    return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Testers' tools end a line; senders do not.
std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) {
    text.remove_suffix(1);
    if (text.ends_with('\r'))
      text.remove_suffix(1);
  }
  return text;
}

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(json_space), text.size()));
  return text.substr(0, text.find_last_not_of(json_space) + 1);
}

/// What is not understood may be no text at all.
reject judge(reject why, std::string_view raw, wire_encoding encoding) {
  const auto is_text = raw.find('\0') == raw.npos
                       && (encoding != wire_encoding::utf8 || is_utf8(raw));
  return is_text ? why : reject{reject_reason::encoding, "not text"};
}

} // namespace

struct wire_parser::impl {
  impl(options opts, id_source source)
    : ids(source),
      format(opts.format),
      encoding(opts.encoding),
      agents(std::move(opts.user_agents)),
      apps(std::move(opts.apps)) {
    // nop
  }

  std::optional<reject> parse(std::string_view raw, const datagram& from,
                              event_batch& out) {
    if (out.events.empty())
      agents.begin();
    if (from.oversized)
      return reject{reject_reason::oversized, "longer than allowed"};
    const auto has_mark = skip_prefix(raw, byte_order_mark);
    const auto is_json =
      format == wire_format::json
      || (format == wire_format::automatic && trimmed(raw).starts_with('{'));
    if (is_json)
      return parse_json(trimmed(raw), from, out);
    return parse_qlik(without_line_end(raw), from,
                      has_mark ? wire_encoding::utf8 : encoding, out);
  }

  // -- Qlik Sense's lines -----------------------------------------------------

  std::optional<reject> parse_qlik(std::string_view raw, const datagram& from,
                                   wire_encoding as, event_batch& out) {
    const auto clean = is_clean(raw, as);
    auto line = read_qlik_line(clean ? raw : cleaned(raw, as));
    if (!line)
      return judge(line.error(), raw, as);
    if (!clean)
      line = read_qlik_line(out.keep(scratch));
    auto& x = out.events.emplace_back();
    x.kind = kind_from_command(line->command);
    x.ambiguous = line->ambiguous;
    x.command = line->command;
    x.host = line->host;
    x.user_directory = line->user_directory;
    x.user_id = line->user_id;
    x.origin = line->origin;
    x.context = line->context;
    x.message = line->message;
    x.sent = line->sent;
    x.row_number = line->row_number;
    complete(x, from, out);
    return std::nullopt;
  }

  static bool is_clean(std::string_view raw, wire_encoding as) noexcept {
    // Code page 1252 agrees with UTF-8 on ASCII only.
    return clean_prefix(raw) == raw.size()
           && (as == wire_encoding::utf8
               || std::ranges::all_of(raw, [](char c) {
                    return static_cast<unsigned char>(c) < 0x80;
                  }));
  }

  std::string_view cleaned(std::string_view raw, wire_encoding as) {
    scratch.clear();
    if (as == wire_encoding::windows_1252)
      append_clean_windows_1252(scratch, raw);
    else
      append_clean(scratch, raw);
    return scratch;
  }

  // -- JSON -------------------------------------------------------------------

  /// One object, however it is laid out, or one a line.
  std::optional<reject> parse_json(std::string_view text, const datagram& from,
                                   event_batch& out) {
    if (text.empty())
      return reject{reject_reason::malformed, "empty datagram"};
    auto why = parse_record(text, from, out);
    if (!why || text.find('\n') == text.npos)
      return why;
    std::size_t good = 0;
    std::size_t bad = 0;
    while (!text.empty()) {
      const auto line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(line.size() + 1, text.size()));
      if (const auto record = trimmed(line); !record.empty())
        ++(parse_record(record, from, out) ? bad : good);
    }
    if (good == 0)
      return why;
    bad_records += bad;
    return std::nullopt;
  }

  std::optional<reject> parse_record(std::string_view text,
                                     const datagram& from, event_batch& out) {
    auto& x = out.events.emplace_back();
    if (auto why = json.read(text, out, x)) {
      out.events.pop_back();
      return why;
    }
    complete(x, from, out);
    return std::nullopt;
  }

  // -- what all forms share ---------------------------------------------------

  void complete(event& x, const datagram& from, event_batch& out) {
    x.id = ids.next(from.received);
    x.received = from.received;
    x.source = from.source;
    name_app(x, out);
    name_browser(x, out);
  }

  void name_app(event& x, event_batch& out) const {
    if (x.app_id.empty())
      x.app_id = lower_case(app_id_in(x.context), out);
    if (x.app_name.empty() && apps && !x.app_id.empty())
      x.app_name = out.keep(apps->find(x.app_id));
  }

  /// @param id Of a GUID, or empty.
  static std::string_view lower_case(std::string_view id, event_batch& out) {
    constexpr auto is_upper = [](char c) {
      return c >= 'A' && c <= 'Z';
    };
    // Counted rather than searched, which is what compilers vectorise.
    if (std::ranges::count_if(id, is_upper) == 0)
      return id;
    std::array<char, guid_length> lower{};
    std::ranges::transform(id, lower.begin(), to_lower);
    return out.keep({lower.data(), id.size()});
  }

  void name_browser(event& x, event_batch& out) {
    if (x.user_agent.empty())
      x.user_agent = user_agent_in(x.message);
    if (!x.browser.empty() || !x.os.empty())
      return; // the sender knows
    const auto known = agents.find(x.user_agent, out);
    x.browser = known.browser;
    x.browser_major = known.browser_major;
    x.os = known.os;
    x.os_version = known.os_version;
  }

  id_source ids;
  wire_format format;
  wire_encoding encoding;
  batch_user_agents agents;
  std::shared_ptr<const app_names> apps;
  json_reader json;
  std::string scratch;
  std::uint64_t bad_records = 0;
};

wire_parser::wire_parser(options opts, id_source ids)
  : impl_(std::make_unique<impl>(std::move(opts), ids)) {
  // nop
}

wire_parser::~wire_parser() = default;

wire_parser::wire_parser(wire_parser&&) noexcept = default;

std::optional<reject> wire_parser::parse(const datagram_batch& batch,
                                         const datagram& x, event_batch& out) {
  return impl_->parse(batch.text_of(x), x, out);
}

void wire_parser::use(std::shared_ptr<const app_names> apps) noexcept {
  impl_->apps = std::move(apps);
}

std::uint64_t wire_parser::bad_records() const noexcept {
  return impl_->bad_records;
}

} // namespace signalbox
