// write_fuzz_seeds TO CORPUS...: the inputs of corpora, one file each, as
// libFuzzer wants them. A corpus is a folder of plain inputs, or the datagrams
// of tests/formats/corpus.
#include "tests/formats/corpus.hpp"

#include <fstream>
#include <iostream>
#include <span>

namespace fs = std::filesystem;

namespace {

void write_datagrams(const fs::path& to, const fs::path& corpus) {
  std::size_t n = 0;
  for (const auto& x : signalbox::test::read_corpus(corpus))
    std::ofstream{to / std::to_string(n++), std::ios::binary} << x.wire;
}

void copy_inputs(const fs::path& to, const fs::path& corpus) {
  for (const auto& entry : fs::directory_iterator{corpus})
    fs::copy_file(entry, to / entry.path().filename(),
                  fs::copy_options::overwrite_existing);
}

} // namespace

int main(int argc, char** argv) try {
  const std::span args{argv, static_cast<std::size_t>(argc)};
  const fs::path to{args[1]};
  fs::create_directories(to);
  for (const fs::path corpus : args.subspan(2)) {
    if (fs::exists(corpus / "README.md"))
      write_datagrams(to, corpus);
    else if (fs::exists(corpus))
      copy_inputs(to, corpus);
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
