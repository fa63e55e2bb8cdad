// write_fuzz_seeds TO [--blobs] CORPUS...: the inputs of corpora, one file
// each, as libFuzzer wants them. A corpus is a folder of plain inputs (those
// that end in .hex are hexadecimal digits, with comments behind #), or the
// datagrams of tests/formats/corpus; with --blobs, the events of each datagram
// become what fuzz_batch_blob reads.
#include "formats/batch_blob.hpp"
#include "formats/wire_parser.hpp"
#include "tests/formats/batch.hpp"
#include "tests/formats/corpus.hpp"
#include "tests/support/hex.hpp"

#include <fstream>
#include <iostream>
#include <span>
#include <string_view>

namespace fs = std::filesystem;

namespace {

using namespace signalbox;

/// Without what fuzz_batch_blob puts in front: magic, version, checksum, first.
std::string blob_input(std::string_view datagram) {
  const auto wire = test::make_batch({datagram});
  event_batch batch{wire};
  wire_parser parser{{}, id_source{"fuzz", {}, 0}};
  parser.parse(*wire, wire->items.front(), batch);
  blob_writer out{1};
  for (const auto& x : batch.events)
    out.add(x);
  return out.finish().substr(20);
}

void write_datagrams(const fs::path& to, const fs::path& corpus, bool blobs) {
  std::size_t n = 0;
  for (const auto& x : test::read_corpus(corpus))
    std::ofstream{to / std::to_string(n++), std::ios::binary}
      << (blobs ? blob_input(x.wire) : x.wire);
}

std::string read_hex(const fs::path& file) {
  std::ifstream in{file};
  std::string digits;
  for (std::string line; std::getline(in, line);)
    digits += line.substr(0, line.find('#'));
  return test::from_hex(digits);
}

void copy_inputs(const fs::path& to, const fs::path& corpus) {
  for (const auto& entry : fs::directory_iterator{corpus}) {
    const auto name = entry.path().filename();
    if (name.extension() == ".hex")
      std::ofstream{to / name.stem(), std::ios::binary}
        << read_hex(entry.path());
    else
      fs::copy_file(entry, to / name, fs::copy_options::overwrite_existing);
  }
}

} // namespace

int main(int argc, char** argv) try {
  const std::span args{argv, static_cast<std::size_t>(argc)};
  const fs::path to{args[1]};
  fs::create_directories(to);
  bool blobs = false;
  for (const fs::path corpus : args.subspan(2)) {
    if (corpus == "--blobs")
      blobs = true;
    else if (fs::exists(corpus / "README.md"))
      write_datagrams(to, corpus, blobs);
    else if (fs::exists(corpus))
      copy_inputs(to, corpus);
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
