// What the configuration makes of the fragments of findings.
#pragma once

#include "config/load.hpp"
#include "lights/discovery/finding.hpp"

#include <map>
#include <string>
#include <vector>

namespace signalbox::test {

struct fragments_read {
  /// Keys and values of each `[[light]]`, by its name.
  std::map<std::string, std::map<std::string, std::string>> lights;
  std::vector<std::string> mistakes;
};

/// Any `${VAR}` becomes "expanded".
inline fragments_read
read_fragments(const std::vector<lights::finding>& findings) {
  std::string text;
  for (const auto& x : findings)
    text += lights::fragment(x) + "\n";
  auto document = config::document::parse(text, "lamps.toml",
                                          [](auto) { return "expanded"; });
  fragments_read out;
  for (auto light : document.settings().lights)
    for (const auto& key : light.options.keys())
      out.lights[light.name][key] = light.options.text(key);
  for (const auto& x : document.finish())
    out.mistakes.push_back(to_string(x));
  return out;
}

} // namespace signalbox::test
