// Blobs of events. The input is what stands behind the number of the first
// event; the checksum is right, so that it does not keep the fuzzer out.
#include "formats/batch_blob.hpp"
#include "tests/formats/same_event.hpp"
#include "tests/fuzz/require.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <xxhash.h>

namespace {

using namespace signalbox;
using fuzz::require;

constexpr sequence first = 7;

template <class T>
void append(std::string& out, T x) {
  for (std::size_t i = 0; i < sizeof(x); ++i)
    out += static_cast<char>(x >> 8 * i);
}

std::string blob_around(std::string_view input) {
  std::string body;
  append(body, first);
  body += input;
  std::string blob;
  blob.reserve(4 + 8 + body.size()); // What is read beyond it is noticed.
  blob += "SBB\x01";
  append(blob, std::uint64_t{XXH3_64bits(body.data(), body.size())});
  return blob += body;
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const auto batch = decode_blob(blob_around(input), first);
  if (!batch) {
    require(!batch.error().what.empty(), "a refusal says why");
    return 0;
  }
  blob_writer out{first};
  for (const auto& x : (*batch)->events)
    out.add(x);
  auto blob = out.finish();
  const auto again = decode_blob(blob, first);
  require(again.has_value(), "what was written is read");
  const auto& xs = (*batch)->events;
  const auto& ys = (*again)->events;
  require(xs.size() == ys.size(), "no event is lost");
  for (std::size_t i = 0; i < xs.size(); ++i)
    require(test::same_event(xs[i], ys[i]), "events come back as they were");
  blob_writer once_more{first};
  for (const auto& x : ys)
    once_more.add(x);
  require(once_more.finish() == blob, "writing is stable");
  return 0;
}
