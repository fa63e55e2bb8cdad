// A lamp that was found, as it would stand in the configuration.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::lights {

/// One key of a `[[light]]` table.
struct setting {
  std::string key;
  std::string value; ///< Text; or, of an open one, what belongs there.
  /// Nobody can find it out: a secret, or a choice. Becomes a comment.
  bool open = false;

  // NOLINTNEXTLINE(modernize-use-nullptr): the 0 that `<` compares with.
  auto operator<=>(const setting&) const = default;
};

/// One lamp, or something that drives lamps. What it holds may come from
/// strangers: nobody prints it before `settle`.
struct finding {
  std::string driver; ///< One of ours.
  std::string name;   ///< A suggestion, from what the thing calls itself.
  std::string what;   ///< "Hue bridge BSB002".
  std::string where;  ///< "192.0.2.17", "/dev/gpiochip0".
  std::vector<setting> settings;    ///< Besides `name` and `driver`.
  std::vector<std::string> remarks; ///< What to know, or to do first.
};

/// The name with what a light's name cannot have replaced by '-': up to 64
/// letters, digits, '_', '.', '-', the first a letter or digit. May be empty.
std::string light_name(std::string_view text);

/// Makes each text one plain line, sorts by driver and place, drops what was
/// found twice, and gives each its own valid name.
void settle(std::vector<finding>& xs);

/// The `[[light]]` table, under comments that say what and where it is.
std::string fragment(const finding& x);

} // namespace signalbox::lights
