#include "tests/formats/corpus.hpp"

#include <fstream>
#include <stdexcept>
#include <string_view>

namespace signalbox::test {

namespace {

/// Replaces "\(3*ab)" by "ababab". The text may hold ')' only as the last one.
std::string repeat(std::string_view text) {
  std::string out;
  for (;;) {
    const auto begin = text.find("\\(");
    out += text.substr(0, begin);
    if (begin == text.npos)
      return out;
    text.remove_prefix(begin + 2);
    const auto star = text.find('*');
    const auto end = text.find(')', star);
    const auto count = std::stoul(std::string{text.substr(0, star)});
    for (std::size_t i = 0; i < count; ++i)
      out += text.substr(star + 1, end - star - 1);
    text.remove_prefix(end + 1);
  }
}

std::string unescape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto escape = text.front() == '\\' ? text.substr(0, 2) : "";
    if (escape == "\\x") {
      out += static_cast<char>(
        std::stoi(std::string{text.substr(2, 2)}, nullptr, 16));
      text.remove_prefix(4);
    } else if (!escape.empty()) {
      out += escape == "\\n" ? '\n' : escape == "\\r" ? '\r' : '\\';
      text.remove_prefix(2);
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

void read_line(corpus_case& to, const std::string& file,
               const std::string& line) {
  const auto colon = line.find(':');
  const auto key = line.substr(0, colon);
  const auto value =
    colon + 2 < line.size() ? line.substr(colon + 2) : std::string{};
  if (key == "case")
    to.name = file + ": " + value;
  else if (key == "options")
    to.options = value;
  else if (key == "wire")
    to.wire = unescape(repeat(value));
  else if (key == "event")
    to.events.push_back(repeat(value));
  else if (key == "reject")
    to.reject = value;
  else if (key == "bad_records")
    to.bad_records = std::stoul(value);
  else
    throw std::runtime_error(file + ": unknown key: " + line);
}

void read_file(std::vector<corpus_case>& to,
               const std::filesystem::path& path) {
  std::ifstream in{path};
  corpus_case current;
  const auto finish = [&] {
    if (!current.name.empty())
      to.push_back(current);
    current = {};
  };
  for (std::string line; std::getline(in, line);) {
    if (line.empty())
      finish();
    else if (!line.starts_with('#'))
      read_line(current, path.filename().string(), line);
  }
  finish();
}

} // namespace

std::vector<corpus_case> read_corpus(const std::filesystem::path& directory) {
  std::vector<corpus_case> cases;
  for (const auto& entry : std::filesystem::directory_iterator{directory}) {
    if (entry.path().extension() == ".txt")
      read_file(cases, entry.path());
  }
  return cases;
}

} // namespace signalbox::test
