// The scenario UDP → file: the engine as a process of its own, loaded over the
// loopback interface, beside the least that the same work can cost. A run whose
// books do not agree with what was sent is void, and fails the benchmark.
#include "bench/child.hpp"
#include "bench/floor.hpp"
#include "bench/load.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <httplib.h>
#include <simdjson.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <new>
#include <thread>

#include <sys/mman.h>

namespace signalbox::bench {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using clock = std::chrono::steady_clock;

struct options {
  std::string engine;
  std::vector<std::uint64_t> rates;
  unsigned seconds = 5;
  std::string json;
  std::string markdown;
};

/// What became of one load.
struct outcome {
  std::uint64_t sent = 0;
  std::uint64_t done = 0;    ///< Received and kept.
  std::uint64_t dropped = 0; ///< By the kernel, for want of room.
  std::uint64_t shed = 0;    ///< By the engine, for want of room.
  std::chrono::duration<double> sending{};
  std::chrono::nanoseconds cpu{};

  [[nodiscard]] double cpu_per_event() const { // µs
    return static_cast<double>(cpu.count()) / 1e3
           / static_cast<double>(std::max<std::uint64_t>(done, 1));
  }
  [[nodiscard]] double events_per_second() const {
    return static_cast<double>(sent) / sending.count();
  }
};

struct comparison {
  std::uint64_t rate = 0;
  outcome engine;
  outcome floor;
};

/// A directory that goes with the handle.
struct temporary_directory {
  fs::path path;

  temporary_directory() {
    auto name = (fs::temp_directory_path() / "signalbox-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw fs::filesystem_error{"no temporary directory", name,
                                 std::make_error_code(std::errc::io_error)};
    path = name;
  }
  ~temporary_directory() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;
};

/// Waits for a condition; false if it does not come true in time.
template <class Condition>
bool wait_for(Condition holds, std::chrono::milliseconds patience) {
  for (const auto end = clock::now() + patience; clock::now() < end;) {
    if (holds())
      return true;
    std::this_thread::sleep_for(20ms);
  }
  return false;
}

/// Free now; taken by the engine a moment later.
result<std::uint16_t> free_port() {
  const auto socket = bind_floor();
  if (!socket)
    return tl::unexpected(socket.error());
  return socket->port;
}

result<outcome> measure_floor(std::uint64_t rate, std::chrono::seconds length) {
  const temporary_directory folder;
  auto socket = bind_floor();
  if (!socket)
    return tl::unexpected(socket.error());
  void* shared =
    ::mmap(nullptr, sizeof(std::atomic<std::uint64_t>), PROT_READ | PROT_WRITE,
           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED)
    return fail(errc::file, "no shared memory");
  auto& received = *new (shared) std::atomic<std::uint64_t>{0};
  auto sink = child::fork(
    [&] { run_floor(*socket, folder.path / "datagrams", received); });
  if (!sink)
    return tl::unexpected(sink.error());
  auto load = send_load(socket->port, rate, length);
  if (!load)
    return tl::unexpected(load.error());
  wait_for([&] { return received == load->sent; }, 1s);
  return outcome{load->sent, received,   load->sent - received,
                 0,          load->took, sink->cpu()};
}

/// The ledger's numbers that a run must agree with.
struct books {
  bool balanced = false;
  std::uint64_t received = 0;
  std::uint64_t kernel_dropped = 0;
  std::uint64_t parsed = 0;
  std::uint64_t shed = 0;
  std::uint64_t delivered = 0;
  std::uint64_t dropped = 0;
  std::uint64_t open = 0; ///< Waiting or in flight.

  /// Every datagram of a load has come to its end.
  [[nodiscard]] bool settled(std::uint64_t sent) const {
    return received + kernel_dropped == sent && parsed == received
           && delivered + dropped + shed == parsed && open == 0;
  }
};

std::optional<books> read_books(httplib::Client& admin) {
  const auto answer = admin.Get("/api/ledger");
  if (!answer || answer->status != 200)
    return std::nullopt;
  try {
    simdjson::dom::parser parser;
    const auto root = parser.parse(answer->body);
    const auto archive = root["destinations"]["archive"];
    const auto number = [](auto element) {
      return std::uint64_t{element};
    };
    books x;
    x.balanced = bool{root["balanced"]};
    x.received = number(root["ingest"]["received"]);
    x.kernel_dropped = number(root["ingest"]["kernel_dropped"]);
    x.parsed = number(root["events"]["parsed"]);
    x.shed = number(root["events"]["shed"]);
    x.delivered = number(archive["delivered"]);
    x.dropped = number(archive["dropped"]);
    x.open = number(archive["waiting"]) + number(archive["in_flight"]);
    return x;
  } catch (const simdjson::simdjson_error&) {
    return std::nullopt;
  }
}

/// Lines of the archive, over all files that it was rotated into.
std::uint64_t lines_in(const fs::path& folder) {
  std::uint64_t lines = 0;
  std::vector<char> buffer(1 << 20);
  for (const auto& entry : fs::directory_iterator{folder}) {
    if (!entry.path().filename().string().starts_with("events.ndjson"))
      continue;
    std::ifstream file{entry.path(), std::ios::binary};
    while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()))
           || file.gcount() > 0)
      lines += static_cast<std::uint64_t>(
        std::count(buffer.data(), buffer.data() + file.gcount(), '\n'));
  }
  return lines;
}

result<outcome> measure_engine(const std::string& engine, std::uint64_t rate,
                               std::chrono::seconds length) {
  const temporary_directory folder;
  const auto port = free_port();
  const auto admin_port = free_port();
  if (!port || !admin_port)
    return fail(errc::socket, "no free port");
  const auto config = folder.path / "bench.toml";
  std::ofstream{config} << fmt::format(
    R"([node]
data_dir = "{0}/data"
[[listen]]
address = "127.0.0.1:{1}"
[journal]
store = "memory"
[[destination]]
name = "archive"
kind = "file"
path = "{0}/events.ndjson"
rotate = {{ size = "1GiB", keep = 10 }}
[admin]
listen = "127.0.0.1:{2}"
[log]
level = "warning"
)",
    folder.path.string(), *port, *admin_port);
  auto process = child::exec({engine, "run", "--config", config.string()});
  if (!process)
    return tl::unexpected(process.error());
  httplib::Client admin{"127.0.0.1", *admin_port};
  const bool ready = wait_for(
    [&] {
      const auto answer = admin.Get("/readyz");
      return (answer && answer->status == 200) || !process->alive();
    },
    10s);
  if (!ready || !process->alive())
    return fail(errc::network, "the engine did not start");
  const auto before = process->cpu();
  const auto load = send_load(*port, rate, length);
  if (!load)
    return tl::unexpected(load.error());
  std::optional<books> ledger;
  const bool rest = wait_for(
    [&] {
      ledger = read_books(admin);
      return ledger && ledger->settled(load->sent);
    },
    30s);
  const auto spent = process->cpu() - before;
  const auto status = process->stop();
  if (!ledger)
    return fail(errc::network, "the engine does not show its ledger");
  if (!rest || !ledger->balanced || status != 0)
    return fail(errc::malformed,
                fmt::format("void: sent {}, received {}, kernel dropped {}, "
                            "parsed {}, shed {}, delivered {}, dropped {}, "
                            "open {}, balanced {}, exit status {}",
                            load->sent, ledger->received,
                            ledger->kernel_dropped, ledger->parsed,
                            ledger->shed, ledger->delivered, ledger->dropped,
                            ledger->open, ledger->balanced, status));
  if (const auto lines = lines_in(folder.path); lines != ledger->delivered)
    return fail(errc::malformed,
                fmt::format("void: the ledger says {} delivered, the file has "
                            "{} lines",
                            ledger->delivered, lines));
  return outcome{load->sent,
                 ledger->delivered,
                 ledger->kernel_dropped,
                 ledger->shed + ledger->dropped,
                 load->took,
                 spent};
}

std::string as_markdown(const std::vector<comparison>& rows) {
  std::string text =
    "| asked, events/s | sent, events/s | engine, µs CPU/event "
    "| floor, µs CPU/event | ratio | lost: kernel | lost: "
    "engine | lost: floor |\n|--:|--:|--:|--:|--:|--:|--:|--:|"
    "\n";
  for (const auto& x : rows)
    text +=
      fmt::format("| {} | {:.0f} | {:.2f} | {:.2f} | {:.1f} | {} | {} | {} |\n",
                  x.rate, x.engine.events_per_second(),
                  x.engine.cpu_per_event(), x.floor.cpu_per_event(),
                  x.engine.cpu_per_event() / x.floor.cpu_per_event(),
                  x.engine.dropped, x.engine.shed, x.floor.dropped);
  return text;
}

std::string as_json(const outcome& x) {
  return fmt::format(R"({{"sent":{},"done":{},"kernel_dropped":{},"shed":{},)"
                     R"("seconds":{:.3f},"cpu_us_per_event":{:.4f}}})",
                     x.sent, x.done, x.dropped, x.shed, x.sending.count(),
                     x.cpu_per_event());
}

std::string as_json(const std::vector<comparison>& rows) {
  std::string text;
  for (const auto& x : rows)
    text += fmt::format("{}\n  {{\"rate\":{},\"engine\":{},\"floor\":{}}}",
                        text.empty() ? "" : ",", x.rate, as_json(x.engine),
                        as_json(x.floor));
  return fmt::format("{{\"scenario\":\"udp_to_file\",\"runs\":[{}\n]}}\n",
                     text);
}

int measure(const options& opts) {
  const std::chrono::seconds length{opts.seconds};
  std::vector<comparison> rows;
  for (const auto rate : opts.rates) {
    auto floor = measure_floor(rate, length);
    auto engine = floor ? measure_engine(opts.engine, rate, length) : floor;
    if (!engine) {
      std::cerr << "at " << rate << "/s: " << engine.error().what << '\n';
      return 1;
    }
    rows.push_back({rate, *engine, *floor});
  }
  const auto table = as_markdown(rows);
  std::cout << table;
  if (!opts.markdown.empty())
    std::ofstream{opts.markdown} << table;
  if (!opts.json.empty())
    std::ofstream{opts.json} << as_json(rows);
  return 0;
}

} // namespace

} // namespace signalbox::bench

int main(int argc, char** argv) try {
  signalbox::bench::options opts;
  CLI::App app{"CPU per event from a UDP socket to a file"};
  app.add_option("--engine", opts.engine, "The signalbox binary")
    ->required()
    ->check(CLI::ExistingFile);
  app.add_option("--rates", opts.rates, "Events a second")
    ->delimiter(',')
    ->required();
  app.add_option("--seconds", opts.seconds, "Length of each load")
    ->capture_default_str();
  app.add_option("--json", opts.json, "Write the numbers here");
  app.add_option("--markdown", opts.markdown, "Write the table here");
  CLI11_PARSE(app, argc, argv);
  return signalbox::bench::measure(opts);
} catch (const std::exception& problem) {
  std::cerr << problem.what() << '\n';
  return 1;
}
