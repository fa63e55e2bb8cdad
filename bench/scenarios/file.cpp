// UDP → … → file, a JSON object a line, beside a process that receives and
// writes as many bytes.
#include "bench/process/temporary_directory.hpp"
#include "bench/scenarios/measure.hpp"
#include "bench/scenarios/peers.hpp"
#include "bench/scenarios/scenarios.hpp"
#include "bench/scenarios/tally.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <vector>

namespace signalbox::bench {

namespace {

using namespace std::chrono_literals;

constexpr const char* file_name = "events.ndjson";

constexpr const char* destination = R"([[destination]]
name = "archive"
kind = "file"
path = "events.ndjson"
)";

struct content {
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;
};

content read(const std::filesystem::path& path) {
  content x;
  std::vector<char> buffer(1 << 20);
  std::ifstream file{path, std::ios::binary};
  while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()))
         || file.gcount() > 0) {
    x.lines += static_cast<std::uint64_t>(
      std::count(buffer.data(), buffer.data() + file.gcount(), '\n'));
    x.bytes += static_cast<std::uint64_t>(file.gcount());
  }
  return x;
}

struct with_file {
  measured all;
  double bytes_per_event = 0;
};

result<with_file> run_engine(const settings& opts, const load_plan& plan) {
  auto subject = engine::start(opts, journal_config("memory") + destination);
  if (!subject)
    return tl::unexpected(subject.error());
  std::uint64_t sent = 0;
  const auto got = measure_warm(*subject, plan, sent);
  if (!got)
    return tl::unexpected(got.error());
  const auto books = subject->books();
  if (!books)
    return tl::unexpected(books.error());
  if (const auto stopped = subject->stop(); !stopped)
    return tl::unexpected(stopped.error());
  const auto delivered = of(books->destinations.at("archive"), "delivered");
  const auto written = read(subject->folder() / file_name);
  if (written.lines != delivered)
    return fail(errc::malformed,
                fmt::format("void: the ledger says {} delivered, the file has "
                            "{} lines",
                            delivered, written.lines));
  return with_file{*got, static_cast<double>(written.bytes)
                           / static_cast<double>(written.lines)};
}

/// Each into a file of its own.
result<void> add_peers(tally& all, const settings& opts,
                       const load_plan& plan) {
  const peer_task task{.name = "file"};
  return for_peers(opts, task, [&](std::string_view name) -> result<void> {
    const auto subject = peer::start(opts, name, task);
    if (!subject)
      return tl::unexpected(subject.error());
    const auto lines = [&] {
      return read(subject->file()).lines;
    };
    return measure(*subject, warm_up(plan), lines)
      .and_then([&](const auto&) { return measure(*subject, plan, lines); })
      .map([&](const auto& x) { all.add(std::string{name}, x); });
  });
}

} // namespace

result<samples> run_file(const settings& opts) {
  const auto plan =
    paced(opts, wire_form::qlik, opts.smoke ? 20'000 : 100'000, 1500ms);
  tally all;
  for (unsigned i = 0; i < opts.rounds; ++i) {
    const auto received = measure_floor({}, plan);
    if (!received)
      return tl::unexpected(received.error());
    all.add("floor, without file", *received);
    const auto got = run_engine(opts, plan);
    if (!got)
      return tl::unexpected(got.error());
    all.add("signalbox", got->all);
    const auto folder = temporary_directory::make(opts.work);
    if (!folder)
      return tl::unexpected(folder.error());
    receive_work work;
    work.file = (folder->path() / file_name).string();
    work.bytes = got->bytes_per_event;
    const auto least = measure_floor(work, plan);
    if (!least)
      return tl::unexpected(least.error());
    all.add("floor", *least);
  }
  return add_peers(all, opts, plan).map([&] {
    return all.told("file", name_of(plan));
  });
}

} // namespace signalbox::bench
