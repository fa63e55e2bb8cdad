#include "formats/json.hpp"

#include "formats/ascii.hpp"
#include "formats/text.hpp"
#include "formats/timestamp.hpp"

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace signalbox {

namespace {

using simdjson::ondemand::json_type;
using verdict = std::optional<reject>;

static_assert(datagram_batch::padding >= simdjson::SIMDJSON_PADDING);

/// A member that holds a text of the event, in any of the forms.
struct text_member {
  std::string_view group; ///< The object around it; empty: the outermost.
  std::string_view name;
  std::string_view event::*field;
};

constexpr std::array text_members{
  text_member{"", "command", &event::command},
  text_member{"", "host", &event::host},
  text_member{"", "origin", &event::origin},
  text_member{"", "context", &event::context},
  text_member{"", "message", &event::message},
  text_member{"", "id", &event::external_id},
  text_member{"", "user_agent", &event::user_agent},
  text_member{"user", "directory", &event::user_directory},
  text_member{"user", "id", &event::user_id},
  text_member{"app", "id", &event::app_id},
  text_member{"app", "name", &event::app_name},
  text_member{"user_agent", "text", &event::user_agent},
  text_member{"user_agent", "browser", &event::browser},
  text_member{"user_agent", "browser_major", &event::browser_major},
  text_member{"user_agent", "os", &event::os},
  text_member{"user_agent", "os_version", &event::os_version},
  // Butler SOS
  text_member{"", "userDir", &event::user_directory},
  text_member{"", "userId", &event::user_id},
  text_member{"", "appId", &event::app_id},
  text_member{"", "appName", &event::app_name},
  text_member{"", "uaBrowserName", &event::browser},
  text_member{"", "uaBrowserMajorVersion", &event::browser_major},
  text_member{"", "uaOsName", &event::os},
  text_member{"", "uaOsVersion", &event::os_version},
};

bool is_group(std::string_view name) {
  return name == "user" || name == "app" || name == "user_agent";
}

reject malformed(std::string_view detail) {
  return {reject_reason::malformed, detail};
}

reject bad_json(simdjson::error_code code) {
  if (code == simdjson::UTF8_ERROR)
    return {reject_reason::encoding, "JSON is not UTF-8"};
  return malformed("bad JSON");
}

/// simdjson skips what nobody asks for without judging it; what we keep as raw
/// text is judged here, at any depth and without recursion.
bool is_json(std::string_view raw) {
  rapidjson::MemoryStream in{raw.data(), raw.size()};
  rapidjson::Reader reader;
  rapidjson::BaseReaderHandler<> ignore;
  constexpr auto flags = rapidjson::kParseIterativeFlag
                         | rapidjson::kParseNumbersAsStringsFlag
                         | rapidjson::kParseValidateEncodingFlag;
  return !reader.Parse<flags>(in, ignore).IsError();
}

bool is_space(char x) {
  return x == ' ' || x == '\t' || x == '\r' || x == '\n';
}

std::string_view trimmed(std::string_view x) {
  while (!x.empty() && is_space(x.back()))
    x.remove_suffix(1);
  return x;
}

} // namespace

struct json_reader::impl {
  using value = simdjson::ondemand::value;
  using object = simdjson::ondemand::object;

  // What an object says beyond the event's own fields.
  struct envelope {
    std::string_view kind;
    std::string_view type;
    std::string_view data; ///< Raw, still in the wire's bytes.
    bool is_cloudevent = false;
  };

  verdict read(std::string_view text, event_batch& batch, event& to) {
    out = &batch;
    x = &to;
    around = {};
    attributes.clear();
    if (auto why = read_object(text))
      return why;
    if (around.is_cloudevent) {
      if (auto why = read_data())
        return why;
    } else if (auto why = keep_as_attributes()) {
      return why;
    }
    return finish();
  }

  // -- objects ----------------------------------------------------------------

  /// Reads the object that `text` is.
  verdict read_object(std::string_view text) {
    simdjson::ondemand::document document;
    object members;
    auto error = parser
                   .iterate(text.data(), text.size(),
                            text.size() + datagram_batch::padding)
                   .get(document);
    if (error)
      return bad_json(error);
    error = document.get_object().get(members);
    if (error == simdjson::INCORRECT_TYPE)
      return malformed("not a JSON object");
    if (error)
      return bad_json(error);
    if (auto why = read_members(members, ""))
      return why;
    const char* rest = nullptr;
    if (document.current_location().get(rest) == simdjson::SUCCESS)
      return malformed("text follows the JSON object");
    return std::nullopt;
  }

  verdict read_members(object& members, std::string_view group) {
    for (auto found : members) {
      simdjson::ondemand::field member;
      if (auto error = std::move(found).get(member))
        return bad_json(error);
      std::string_view name;
      if (auto error = member.unescaped_key().get(name))
        return bad_json(error);
      if (auto why = read_member(group, name, member.value()))
        return why;
    }
    return std::nullopt;
  }

  verdict read_member(std::string_view group, std::string_view name,
                      value& content) {
    json_type type{};
    if (auto error = content.type().get(type))
      return bad_json(error);
    if (type == json_type::null)
      return read_null(content);
    // The name first: most differ in length already.
    for (const auto& row : text_members)
      if (row.name == name && row.group == group
          && (type != json_type::object || !is_group(name)))
        return read_text(content, x->*row.field);
    if (group.empty()) {
      if (name == "attributes")
        return type == json_type::object ? read_group(name, content)
                                         : malformed("attributes: no object");
      if (is_group(name) && type == json_type::object)
        return read_group(name, content);
      if (const auto read = special(name))
        return (this->*read)(content);
    }
    return read_attribute(group, name, type, content);
  }

  verdict read_group(std::string_view name, value& content) {
    object members;
    if (auto error = content.get_object().get(members))
      return bad_json(error);
    return read_members(members, name);
  }

  // -- single members ---------------------------------------------------------

  using member_reader = verdict (impl::*)(value&);

  static member_reader special(std::string_view name) {
    struct row {
      std::string_view name;
      member_reader read;
    };
    static constexpr std::array rows{
      row{"kind", &impl::read_kind},
      row{"time", &impl::read_time},
      row{"row", &impl::read_row},
      row{"ambiguous", &impl::read_ambiguous},
      row{"replayed", &impl::read_replayed},
      row{"messageType", &impl::read_message_type},
      row{"specversion", &impl::read_version},
      row{"type", &impl::read_type},
      row{"data", &impl::read_raw_data},
      row{"data_base64", &impl::refuse_base64},
    };
    const auto* found = std::ranges::find(rows, name, &row::name);
    return found == rows.end() ? nullptr : found->read;
  }

  static verdict read_null(value& content) {
    bool null = false;
    if (content.is_null().get(null) || !null)
      return malformed("bad JSON");
    return std::nullopt;
  }

  /// The text of a string that stands in the wire's bytes as it is meant.
  static std::optional<std::string_view> plain_text(value& content) {
    const auto token = trimmed(content.raw_json_token());
    if (token.size() < 2 || token.front() != '"' || token.back() != '"'
        || token.find('\\') != token.npos)
      return std::nullopt;
    const auto text = token.substr(1, token.size() - 2);
    if (clean_prefix(text) != text.size())
      return std::nullopt;
    return text;
  }

  /// Any string, cleaned and kept; "(null)" is Qlik Sense's word for nothing.
  verdict read_text(value& content, std::string_view& to) {
    if (const auto plain = plain_text(content)) {
      to = *plain == "(null)" ? std::string_view{} : *plain;
      return std::nullopt;
    }
    std::string_view text;
    const auto error = content.get_string().get(text);
    if (error == simdjson::INCORRECT_TYPE)
      return malformed("a member that should be a string is none");
    if (error)
      return bad_json(error);
    to = text == "(null)" ? std::string_view{} : keep(text);
    return std::nullopt;
  }

  verdict read_kind(value& content) {
    return read_text(content, around.kind);
  }

  verdict read_type(value& content) {
    return read_text(content, around.type);
  }

  verdict read_time(value& content) {
    std::string_view text;
    if (auto why = read_text(content, text))
      return why;
    x->sent = parse_timestamp(text);
    if (!x->sent)
      return malformed("time is not an RFC 3339 date and time");
    return std::nullopt;
  }

  verdict read_row(value& content) {
    if (content.get_uint64().get(x->row_number))
      return malformed("row is not a whole number");
    return std::nullopt;
  }

  verdict read_flag(value& content, bool& to) {
    if (content.get_bool().get(to))
      return malformed("a member that should be true or false is neither");
    return std::nullopt;
  }

  verdict read_ambiguous(value& content) {
    return read_flag(content, x->ambiguous);
  }

  verdict read_replayed(value& content) {
    return read_flag(content, x->replayed);
  }

  /// Butler SOS's word for its own form says nothing about the event.
  verdict read_message_type(value& content) {
    std::string_view text;
    if (auto why = read_text(content, text))
      return why;
    return text == "user-event" ? std::nullopt
                                : add_attribute("messageType", text);
  }

  verdict read_version(value& content) {
    std::string_view text;
    if (auto why = read_text(content, text))
      return why;
    if (text != "1.0")
      return malformed("specversion is not 1.0");
    around.is_cloudevent = true;
    return std::nullopt;
  }

  /// Whether `data` is a CloudEvent's is known once all members are.
  verdict read_raw_data(value& content) {
    return read_raw(content, around.data);
  }

  verdict refuse_base64(value& /*content*/) {
    return malformed("data_base64 is not supported");
  }

  // -- attributes -------------------------------------------------------------

  verdict read_attribute(std::string_view group, std::string_view name,
                         json_type type, value& content) {
    std::string_view text;
    if (type == json_type::string) {
      if (auto error = content.get_string().get(text))
        return bad_json(error);
    } else {
      if (auto why = read_raw(content, text))
        return why;
      if (text == "[]")
        return std::nullopt; // as in Butler SOS's "tags"
    }
    text = keep(text);
    if (group.empty() || group == "attributes")
      return add_attribute(keep(name), text);
    scratch.assign(group).append(".").append(name);
    return add_attribute(keep(scratch), text);
  }

  /// The last of several with one name counts, as with any other member.
  verdict add_attribute(std::string_view name, std::string_view text) {
    const auto known = std::ranges::find(attributes, name, &attribute::name);
    if (known != attributes.end()) {
      known->value = text;
      return std::nullopt;
    }
    if (attributes.size() == most_attributes)
      return malformed("more than 128 unknown members");
    attributes.push_back({name, text});
    return std::nullopt;
  }

  /// The text of a value as it stands in the wire's bytes, judged.
  static verdict read_raw(value& content, std::string_view& to) {
    json_type type{};
    if (auto error = content.type().get(type))
      return bad_json(error);
    if (type == json_type::object) {
      object x;
      if (content.get_object().get(x) || x.raw_json().get(to))
        return malformed("bad JSON");
    } else if (type == json_type::array) {
      simdjson::ondemand::array x;
      if (content.get_array().get(x) || x.raw_json().get(to))
        return malformed("bad JSON");
    } else {
      to = trimmed(content.raw_json_token());
    }
    return is_json(to) ? std::nullopt : verdict{malformed("bad JSON")};
  }

  // -- after the last member --------------------------------------------------

  verdict read_data() {
    const auto kind = around.kind;
    const auto type = around.type;
    const auto data = around.data;
    const auto id = x->external_id;
    around = {};
    if (data.empty())
      return malformed("data is missing");
    if (auto why = read_object(data))
      return why;
    if (around.is_cloudevent)
      return malformed("data holds another CloudEvent");
    if (auto why = keep_as_attributes())
      return why;
    if (!id.empty() && x->external_id != id) {
      if (auto why = add_attribute("data.id", x->external_id))
        return why;
      x->external_id = id;
    }
    if (around.kind.empty() && x->command.empty())
      around.kind = kind.empty() ? kind_in_type(type) : kind;
    return std::nullopt;
  }

  /// "com.example.session_start" carries a kind in its last part; any other
  /// type is kept whole.
  static std::string_view kind_in_type(std::string_view type) {
    const auto last = type.substr(type.rfind('.') + 1);
    return kind_from_name(last) ? last : type;
  }

  /// Without an envelope, "type" and "data" are members like any other.
  verdict keep_as_attributes() {
    if (!around.type.empty()) {
      if (auto why = add_attribute("type", around.type))
        return why;
    }
    return around.data.empty() ? std::nullopt
                               : add_attribute("data", keep(around.data));
  }

  verdict finish() {
    if (x->command.empty() && around.kind.empty())
      return malformed("kind and command are missing");
    if (x->host.find_first_not_of(' ') == std::string_view::npos)
      return malformed("host is missing");
    if (const auto kind = kind_from_name(around.kind)) {
      x->kind = *kind;
      if (x->command.empty())
        x->command = command_of(*kind);
    } else {
      x->kind = kind_from_command(x->command);
    }
    // An unknown kind is a command that is not known.
    if (x->command.empty())
      x->command = around.kind;
    x->app_id = lower_case(x->app_id);
    x->attributes = out->keep(std::span<const attribute>{attributes});
    return std::nullopt;
  }

  // -- text -------------------------------------------------------------------

  std::string_view keep(std::string_view text) {
    if (clean_prefix(text) == text.size())
      return out->keep(text);
    cleaned.clear();
    append_clean(cleaned, text);
    return out->keep(cleaned);
  }

  std::string_view lower_case(std::string_view text) {
    if (std::ranges::none_of(text, [](char c) { return c != to_lower(c); }))
      return text;
    scratch.assign(text);
    std::ranges::transform(scratch, scratch.begin(), to_lower);
    return out->keep(scratch);
  }

  simdjson::ondemand::parser parser;
  event_batch* out = nullptr; ///< Of the call under way, as is the next.
  event* x = nullptr;
  envelope around;
  std::vector<attribute> attributes;
  std::string scratch;
  std::string cleaned;
};

json_reader::json_reader() : impl_(std::make_unique<impl>()) {
  // nop
}

json_reader::~json_reader() = default;

json_reader::json_reader(json_reader&&) noexcept = default;

std::optional<reject> json_reader::read(std::string_view text, event_batch& out,
                                        event& x) {
  return impl_->read(text, out, x);
}

} // namespace signalbox
