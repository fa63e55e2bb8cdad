// Reads the corpus: datagrams and what should come of them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace signalbox::test {

/// One paragraph of a corpus file.
struct corpus_case {
  std::string name; ///< File and case.
  std::string options;
  std::string wire;
  std::vector<std::string> events; ///< JSON objects.
  std::string reject;              ///< "reason: detail"
  std::size_t bad_records = 0;
};

/// All cases of all files of a directory. Throws on a file that breaks the
/// rules of the corpus' README.
std::vector<corpus_case> read_corpus(const std::filesystem::path& directory);

} // namespace signalbox::test
