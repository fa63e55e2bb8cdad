// What the tests of this folder share.
#pragma once

#include "config/load.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

namespace signalbox::config {

using variables = std::map<std::string, std::string, std::less<>>;

inline environment environment_of(variables xs) {
  return [xs = std::move(xs)](std::string_view name) {
    auto found = xs.find(name);
    return found == xs.end() ? std::nullopt : std::optional{found->second};
  };
}

inline document parse(std::string_view text, variables xs = {}) {
  return document::parse(text, "t.toml", environment_of(std::move(xs)));
}

/// "3:1: destination.kind: …", as a user sees it, without the file's name.
inline std::vector<std::string> lines_of(document x) {
  std::vector<std::string> out;
  for (const auto& mistake : x.finish())
    out.push_back(to_string(mistake).substr(mistake.file.size() + 1));
  return out;
}

inline std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines)
    out += line + "\n";
  return out;
}

/// A folder that is gone after the test.
class temporary_folder {
public:
  temporary_folder() {
    std::string pattern =
      (std::filesystem::temp_directory_path() / "config-XXXXXX").string();
    BOOST_REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }

  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::filesystem::path write(const std::string& name,
                              std::string_view text) const {
    auto file = path_ / name;
    std::ofstream{file, std::ios::binary} << text;
    return file;
  }

  [[nodiscard]] const std::filesystem::path& path() const {
    return path_;
  }

private:
  std::filesystem::path path_;
};

} // namespace signalbox::config
