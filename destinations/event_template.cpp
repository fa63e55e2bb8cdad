#include "destinations/event_template.hpp"

#include "config/suggest.hpp"
#include "config/text_place.hpp"
#include "formats/event_json.hpp"
#include "policy/plain_text.hpp"

#include <kainjow/mustache.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <exception>
#include <optional>
#include <utility>

namespace signalbox {

namespace mustache = kainjow::mustache;

/// A name and how to read its value; `scratch` is for values that an event
/// does not hold as text.
struct event_template::field {
  using reader = std::string_view (*)(const event& x, std::string& scratch);

  std::string_view name;
  reader read;

  static const field* find(std::string_view name);
  static std::span<const field> all();
};

namespace {

constexpr std::string_view attribute_prefix = "attributes.";
constexpr char section_mark = '?';
constexpr std::size_t common_value = 16; // bytes

template <auto Member>
std::string_view text_of(const event& x, std::string&) {
  return x.*Member;
}

std::string_view user_of(const event& x, std::string& scratch) {
  if (x.user_directory.empty())
    return x.user_id;
  scratch = x.user_directory;
  scratch += '/';
  scratch += x.user_id;
  return scratch;
}

std::string_view row_of(const event& x, std::string& scratch) {
  if (x.row_number != 0)
    scratch = std::to_string(x.row_number);
  return scratch;
}

} // namespace

std::span<const event_template::field> event_template::field::all() {
  static constexpr std::array table{
    field{"app",
          [](const event& x, std::string&) {
            return x.app_name.empty() ? x.app_id : x.app_name;
          }},
    field{"app.id", text_of<&event::app_id>},
    field{"app.name", text_of<&event::app_name>},
    field{"browser", text_of<&event::browser>},
    field{"browser.major", text_of<&event::browser_major>},
    field{"command",
          [](const event& x, std::string&) {
            return x.command.empty() ? command_of(x.kind) : x.command;
          }},
    field{"context", text_of<&event::context>},
    field{"external_id", text_of<&event::external_id>},
    field{"host", text_of<&event::host>},
    field{"id",
          [](const event& x, std::string& scratch) {
            return std::string_view{scratch = to_string(x.id)};
          }},
    field{"kind",
          [](const event& x, std::string&) {
            return to_string(x.kind);
          }},
    field{"message", text_of<&event::message>},
    field{"origin", text_of<&event::origin>},
    field{"os", text_of<&event::os>},
    field{"os.version", text_of<&event::os_version>},
    field{"row_number", row_of},
    field{"source",
          [](const event& x, std::string& scratch) {
            return std::string_view{scratch = address_text(x.source)};
          }},
    field{"time",
          [](const event& x, std::string& scratch) {
            scratch = to_rfc3339(x.sent.value_or(x.received));
            return std::string_view{scratch};
          }},
    field{"user", user_of},
    field{"user.directory", text_of<&event::user_directory>},
    field{"user.id", text_of<&event::user_id>},
    field{"user_agent", text_of<&event::user_agent>},
  };
  return table;
}

const event_template::field*
event_template::field::find(std::string_view name) {
  const auto rows = all();
  const auto row = std::ranges::find(rows, name, &field::name);
  return row == rows.end() ? nullptr : &*row;
}

/// Literal text, a known field, or an attribute.
struct event_template::piece {
  enum class type : std::uint8_t { literal, known, attribute };

  type what = type::literal;
  bool raw = false;
  std::string text; ///< The literal, or the attribute's name.
  const field* known = nullptr;

  [[nodiscard]] std::string_view value(const event& x,
                                       std::string& scratch) const {
    if (what == type::known)
      return known->read(x, scratch);
    const auto attr = std::ranges::find(x.attributes, text, &attribute::name);
    return attr == x.attributes.end() ? std::string_view{} : attr->value;
  }

  static std::optional<piece> named(std::string_view name) {
    if (name.starts_with(attribute_prefix)
        && name.size() > attribute_prefix.size())
      return piece{type::attribute, false,
                   std::string{name.substr(attribute_prefix.size())}, nullptr};
    if (const auto* row = field::find(name))
      return piece{type::known, false, {}, row};
    return std::nullopt;
  }
};

struct event_template::sections {
  mustache::mustache compiled;
};

/// Cuts a template into pieces. Where there are sections, it also rewrites it
/// so that a section asks for `?field` and a value for `field`: an empty value
/// hides a section, but is inserted as any other value is.
class event_template::scanner {
public:
  explicit scanner(std::string_view text) : text_(text) {
    // nop
  }

  result<void> scan() {
    while (pos_ < text_.size()) {
      const auto open = std::min(text_.find("{{", pos_), text_.size());
      if (open > pos_)
        literal(text_.substr(pos_, open - pos_));
      pos_ = open;
      if (open == text_.size())
        break;
      if (auto ok = tag(); !ok)
        return ok;
    }
    return {};
  }

  std::vector<piece> pieces;
  std::string rewritten;
  bool sections = false;

private:
  auto mistake(std::string what) const {
    return fail(errc::bad_config,
                config::place_in(text_, pos_) + std::move(what));
  }

  void literal(std::string_view x) {
    pieces.push_back({piece::type::literal, false, std::string{x}, nullptr});
    rewritten += x;
  }

  /// Reads one tag, from its opening braces at `pos_`.
  result<void> tag() {
    const auto triple = text_.substr(pos_).starts_with("{{{");
    const auto closing = std::string_view{triple ? "}}}" : "}}"};
    const auto begin = pos_ + closing.size();
    const auto end = text_.find(closing, begin);
    if (end == std::string_view::npos)
      return mistake("'" + std::string(closing.size(), '{')
                     + "' has no closing '" + std::string{closing} + "'");
    auto name = trimmed(text_.substr(begin, end - begin));
    auto sigil = triple ? '&' : '\0';
    constexpr std::string_view sigils = "&#^/!>=";
    if (!triple && !name.empty()
        && sigils.find(name.front()) != std::string_view::npos) {
      sigil = name.front();
      name = trimmed(name.substr(1));
    }
    if (auto ok = accept(sigil, name); !ok)
      return ok;
    pos_ = end + closing.size();
    return {};
  }

  result<void> accept(char sigil, std::string_view name) {
    if (sigil == '!')
      return {};
    if (sigil == '>' || sigil == '=')
      return mistake("partials ({{> }}) and other delimiters ({{= }}) are not "
                     "available in templates");
    auto x = piece::named(name);
    if (!x)
      return mistake(unknown(name));
    const auto section = sigil == '#' || sigil == '^' || sigil == '/';
    sections = sections || section;
    rewritten += "{{";
    if (sigil != '\0')
      rewritten += sigil;
    if (section)
      rewritten += section_mark;
    rewritten += name;
    rewritten += "}}";
    x->raw = sigil == '&';
    if (!section)
      pieces.push_back(std::move(*x));
    return {};
  }

  static std::string_view trimmed(std::string_view x) {
    constexpr std::string_view blank = " \t\r\n";
    const auto begin = x.find_first_not_of(blank);
    if (begin == std::string_view::npos)
      return {};
    return x.substr(begin, x.find_last_not_of(blank) - begin + 1);
  }

  static std::string unknown(std::string_view name) {
    auto text = "unknown field '" + one_line(name, 64) + "'";
    const auto names = field_names();
    const auto hint = config::did_you_mean(name, names);
    return text + (hint.empty() ? "; the fields are " + listed(names) : hint);
  }

  static std::string listed(std::span<const std::string_view> names) {
    std::string text;
    for (auto name : names)
      text.append(name).append(", ");
    return text.append("attributes.<name>");
  }

  std::string_view text_;
  std::size_t pos_ = 0;
};

/// Hands an event's fields to the library, by name.
class event_template::event_context final
  : public mustache::basic_context<std::string> {
public:
  explicit event_context(const event& x) : event_(x) {
    // nop
  }

  void push(const mustache::data*) override {
    // Fields are named in full everywhere, so sections open no scope.
  }

  void pop() override {
    // see push
  }

  const mustache::data* get(const std::string& name) const override {
    const auto asks = !name.empty() && name.front() == section_mark;
    const auto x = piece::named(std::string_view{name}.substr(asks ? 1 : 0));
    if (!x)
      return nullptr;
    std::string scratch;
    const auto value = x->value(event_, scratch);
    if (asks)
      return &given_.emplace_back(!value.empty());
    return &given_.emplace_back(std::string{value});
  }

  const mustache::data* get_partial(const std::string&) const override {
    return nullptr;
  }

private:
  const event& event_;
  mutable std::deque<mustache::data> given_; // the library wants pointers
};

result<event_template> event_template::parse(std::string_view text,
                                             escape::function escape) {
  scanner x{text};
  if (auto ok = x.scan(); !ok)
    return tl::unexpected(ok.error());
  event_template made;
  made.escape_ = escape;
  for (const auto& part : x.pieces)
    made.expected_length_ += part.text.size() + common_value;
  made.pieces_ =
    std::make_shared<const std::vector<piece>>(std::move(x.pieces));
  if (!x.sections)
    return made;
  try {
    if (const mustache::mustache checked{std::string{text}};
        !checked.is_valid())
      return fail(errc::bad_config,
                  config::with_place(text, checked.error_message()));
    made.sections_ =
      std::make_shared<sections>(sections{mustache::mustache{x.rewritten}});
    made.sections_->compiled.set_custom_escape([escape](const std::string& v) {
      std::string out;
      escape(out, v);
      return out;
    });
  } catch (const std::exception& error) {
    return fail(errc::bad_config,
                std::string{"not a valid template: "} + error.what());
  }
  return made;
}

std::vector<std::string_view> event_template::field_names() {
  std::vector<std::string_view> names;
  for (const auto& x : field::all())
    names.push_back(x.name);
  return names;
}

void event_template::append_to(std::string& out, const event& x) const {
  if (sections_) {
    event_context context{x};
    out += sections_->compiled.render(context);
    return;
  }
  out.reserve(out.size() + expected_length_);
  std::string scratch;
  for (const auto& part : *pieces_) {
    if (part.what == piece::type::literal) {
      out += part.text;
      continue;
    }
    scratch.clear();
    const auto value = part.value(x, scratch);
    (part.raw ? escape::none : escape_)(out, value);
  }
}

std::string event_template::render(const event& x) const {
  std::string out;
  append_to(out, x);
  return out;
}

bool event_template::has_raw_fields() const noexcept {
  return std::ranges::any_of(*pieces_, &piece::raw);
}

bool event_template::has_fields() const noexcept {
  return sections_ || std::ranges::any_of(*pieces_, [](const piece& x) {
           return x.what != piece::type::literal;
         });
}

} // namespace signalbox
