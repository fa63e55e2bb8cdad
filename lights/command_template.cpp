#include "lights/command_template.hpp"

#include "config/suggest.hpp"
#include "config/text_place.hpp"
#include "endpoints/url.hpp"
#include "lights/command_values.hpp"
#include "policy/plain_text.hpp"

#include <fmt/format.h>
#include <kainjow/mustache.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <utility>

namespace signalbox::lights {

namespace mustache = kainjow::mustache;

namespace {

constexpr std::string_view on_section = "on";

constexpr std::array<std::string_view, 9> names{
  "b",       "brightness", "effect", "g",    "hex",
  "percent", "period_ms",  "r",      "state"};

std::string_view trimmed(std::string_view x) {
  constexpr std::string_view blank = " \t\r\n";
  const auto begin = x.find_first_not_of(blank);
  if (begin == std::string_view::npos)
    return {};
  return x.substr(begin, x.find_last_not_of(blank) - begin + 1);
}

/// What is wrong with a tag; empty if nothing is.
std::string fault_of(char sigil, std::string_view name) {
  if (sigil == '>' || sigil == '=')
    return "partials ({{> }}) and other delimiters ({{= }}) are not available "
           "in templates";
  const auto is_section = sigil == '#' || sigil == '^' || sigil == '/';
  if (is_section && name != on_section)
    return fmt::format("unknown section '{}'; there is {{{{#on}}}}…{{{{/on}}}} "
                       "and {{{{^on}}}}…{{{{/on}}}}",
                       one_line(name, 64));
  if (is_section || std::ranges::find(names, name) != names.end())
    return {};
  const auto hint = config::did_you_mean(name, names);
  return fmt::format(
    "unknown field '{}'{}", one_line(name, 64),
    hint.empty() ? fmt::format("; the fields are {}", fmt::join(names, ", "))
                 : hint);
}

/// Looks at each tag before the library does, which knows no unknown names.
result<std::vector<std::string>> fields_of(std::string_view text) {
  std::vector<std::string> fields;
  auto open = text.find("{{");
  while (open != std::string_view::npos) {
    const auto triple = text.substr(open).starts_with("{{{");
    const auto closing = std::string_view{triple ? "}}}" : "}}"};
    const auto begin = open + closing.size();
    const auto end = text.find(closing, begin);
    if (end == std::string_view::npos)
      return fail(errc::bad_config,
                  config::place_in(text, open) + "'{{' has no closing '}}'");
    auto name = trimmed(text.substr(begin, end - begin));
    auto sigil = '\0';
    if (!triple && !name.empty()
        && std::string_view{"&#^/!>="}.find(name.front()) != name.npos) {
      sigil = name.front();
      name = trimmed(name.substr(1));
    }
    if (sigil != '!') {
      if (auto fault = fault_of(sigil, name); !fault.empty())
        return fail(errc::bad_config, config::place_in(text, open) + fault);
      fields.emplace_back(name);
    }
    open = text.find("{{", end + closing.size());
  }
  return fields;
}

mustache::data values_of(const command& x) {
  using namespace std::chrono;
  const auto lit = x.what != show::off;
  const auto mix = lit ? x.color.mix : rgb{};
  const auto steps = [&](int most) {
    return std::to_string(lit ? steps_of(x.brightness, most) : 0);
  };
  mustache::data values;
  values.set("r", std::to_string(mix.r));
  values.set("g", std::to_string(mix.g));
  values.set("b", std::to_string(mix.b));
  values.set("hex", to_hex(mix));
  values.set("brightness", steps(255));
  values.set("percent", steps(100));
  values.set("state", lit ? "ON" : "OFF");
  values.set("effect", std::string{to_string(x.what)});
  values.set("period_ms",
             std::to_string(round<milliseconds>(x.period).count()));
  values.set(std::string{on_section}, lit);
  return values;
}

/// Hands the values to the library, by name.
class value_context final : public mustache::basic_context<std::string> {
public:
  explicit value_context(mustache::data values) : values_(std::move(values)) {
    // nop
  }

  void push(const mustache::data*) override {
    // The only section is a flag, which opens no scope.
  }

  void pop() override {
    // see push
  }

  const mustache::data* get(const std::string& name) const override {
    return values_.get(name);
  }

  const mustache::data* get_partial(const std::string&) const override {
    return nullptr;
  }

private:
  mustache::data values_;
};

} // namespace

struct command_template::compiled {
  mustache::mustache text;
};

result<command_template> command_template::parse(std::string_view text,
                                                 values form) {
  auto fields = fields_of(text);
  if (!fields)
    return tl::unexpected(fields.error());
  command_template made;
  made.fields_ = std::move(*fields);
  try {
    made.compiled_ = std::make_shared<compiled>(
      compiled{mustache::mustache{std::string{text}}});
  } catch (const std::exception& error) {
    return fail(errc::bad_config,
                std::string{"not a valid template: "} + error.what());
  }
  auto& parsed = made.compiled_->text;
  if (!parsed.is_valid())
    return fail(errc::bad_config,
                config::with_place(text, parsed.error_message()));
  parsed.set_custom_escape([form](const std::string& value) {
    return form == values::for_url ? percent_encoded(value) : value;
  });
  return made;
}

std::span<const std::string_view> command_template::field_names() {
  return names;
}

std::string command_template::render(const command& x) const {
  value_context context{values_of(x)};
  return compiled_->text.render(context);
}

bool command_template::uses(std::string_view field) const {
  return std::ranges::find(fields_, field) != fields_.end();
}

std::optional<command_template> read_template(config::section& options,
                                              std::string_view key,
                                              std::string_view fallback) {
  auto made =
    command_template::parse(options.text_or_file(key, std::string{fallback}));
  if (made)
    return std::move(*made);
  options.mistake(key, made.error().what);
  return std::nullopt;
}

} // namespace signalbox::lights
