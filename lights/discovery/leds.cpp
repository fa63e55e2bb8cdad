#include "lights/discovery/devices.hpp"
#include "lights/discovery/on_machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <map>
#include <optional>
#include <string_view>

namespace signalbox::lights {

namespace {

constexpr std::array<std::string_view, 3> colors{"red", "green", "blue"};

bool is_alnum(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

/// Where `word` stands by itself in `name`: "pwm:red:status", "led_red".
std::optional<std::size_t> find_word(std::string_view name,
                                     std::string_view word) {
  for (auto at = name.find(word); at != std::string_view::npos;
       at = name.find(word, at + 1)) {
    const auto end = at + word.size();
    if ((at == 0 || !is_alnum(name[at - 1]))
        && (end == name.size() || !is_alnum(name[end])))
      return at;
  }
  return std::nullopt;
}

/// "input3::capslock": of the kernel's input subsystem.
bool is_of_keyboard(std::string_view name) {
  if (!name.starts_with("input"))
    return false;
  name.remove_prefix(5);
  const auto digits = name.find_first_not_of("0123456789");
  return digits != std::string_view::npos && digits > 0
         && name.substr(digits).starts_with("::");
}

bool is_multicolor(const std::filesystem::path& led) {
  std::ifstream in{led / "multi_index"};
  std::array<char, 256> text{};
  in.read(text.data(), text.size() - 1);
  const std::string_view order{text.data()};
  return std::ranges::all_of(colors, [order](std::string_view color) {
    return find_word(order, color).has_value();
  });
}

/// LEDs that differ only by a color, in the order of `colors`.
struct triple {
  std::string name; ///< What they have in common.
  std::array<std::string, colors.size()> leds;

  [[nodiscard]] bool is_whole() const {
    return std::ranges::none_of(leds, &std::string::empty);
  }
};

/// By what is left of a name without its color.
std::map<std::string, triple>
triples_of(const std::vector<std::string>& names) {
  std::map<std::string, triple> out;
  for (const auto& name : names)
    for (std::size_t i = 0; i < colors.size(); ++i)
      if (const auto at = find_word(name, colors[i])) {
        const auto head = name.substr(0, *at);
        const auto tail = name.substr(*at + colors[i].size());
        auto& x = out[fmt::format("{}\n{}", head, tail)];
        x.name = fmt::format("{}rgb{}", head, tail);
        x.leds[i] = name;
      }
  std::erase_if(out, [](const auto& x) { return !x.second.is_whole(); });
  return out;
}

void remark_on_rights(finding& x, const std::filesystem::path& led) {
  if (!is_writable(led / "brightness"))
    x.remarks.push_back(
      fmt::format("This user may not write to {}; the udev rules that come "
                  "with Signalbox let its service do so",
                  (led / "brightness").string()));
}

finding make_triple(const triple& x, const std::filesystem::path& folder) {
  finding out{.driver = "led",
              .name = x.name,
              .what = "Three LEDs that make colors",
              .where = (folder / x.leds[0]).string(),
              .settings = {},
              .remarks = {}};
  for (std::size_t i = 0; i < colors.size(); ++i)
    out.settings.push_back({std::string{colors[i]}, x.leds[i]});
  remark_on_rights(out, folder / x.leds[0]);
  return out;
}

finding make_single(const std::string& name,
                    const std::filesystem::path& folder) {
  const auto path = folder / name;
  const auto multicolor = is_multicolor(path);
  finding out{.driver = "led",
              .name = name,
              .what = multicolor ? "Multicolor LED" : "LED of one color",
              .where = path.string(),
              .settings = {{"path", path.string()}},
              .remarks = {}};
  remark_on_rights(out, path);
  return out;
}

} // namespace

std::vector<finding> find_leds(const machine_folders& at) {
  auto names = names_in(at.leds);
  std::erase_if(names, is_of_keyboard);
  std::vector<finding> out;
  for (const auto& [key, x] : triples_of(names)) {
    out.push_back(make_triple(x, at.leds));
    std::erase_if(names, [&leds = x.leds](const std::string& name) {
      return std::ranges::find(leds, name) != leds.end();
    });
  }
  for (const auto& name : names)
    out.push_back(make_single(name, at.leds));
  return out;
}

} // namespace signalbox::lights
