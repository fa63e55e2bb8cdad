#include "bench/scenarios/engine.hpp"

#include "bench/process/wait_for.hpp"
#include "bench/sinks/tcp.hpp"

#include <fmt/format.h>
#include <httplib.h>

#include <fstream>
#include <utility>

namespace signalbox::bench {

namespace {

using namespace std::chrono_literals;

constexpr const char* config_file = "signalbox.toml";
constexpr const char* output_file = "output.txt";

result<child> run(const std::string& binary,
                  const std::filesystem::path& folder) {
  return child::exec(
    {binary, "run", "--config", (folder / config_file).string()},
    (folder / output_file).string());
}

} // namespace

engine::engine(temporary_directory folder, std::string binary, child process,
               std::uint16_t port, std::uint16_t admin_port)
  : folder_(std::move(folder)),
    binary_(std::move(binary)),
    process_(std::move(process)),
    port_(port),
    admin_(std::make_unique<httplib::Client>("127.0.0.1", admin_port)) {
  // nop
}

engine::engine(engine&& other) noexcept = default;

engine::~engine() = default;

result<engine> engine::start(const settings& opts, const std::string& config) {
  auto folder = temporary_directory::make(opts.work);
  if (!folder)
    return tl::unexpected(folder.error());
  const auto port = free_port();
  const auto admin_port = free_port();
  if (!port || !admin_port)
    return tl::unexpected((port ? admin_port : port).error());
  std::ofstream{folder->path() / config_file} << fmt::format(
    R"([node]
name = "bench"
data_dir = "data"
[[listen]]
address = "127.0.0.1:{}"
[admin]
listen = "127.0.0.1:{}"
[log]
level = "warning"
{})",
    *port, *admin_port, config);
  auto process = run(opts.engine, folder->path());
  if (!process)
    return tl::unexpected(process.error());
  engine x{*std::move(folder), opts.engine, *std::move(process), *port,
           *admin_port};
  if (const auto ready = x.wait_until_ready(); !ready)
    return tl::unexpected(ready.error());
  return x;
}

result<void> engine::wait_until_ready() {
  const auto answers = [this] {
    const auto answer = admin_->Get("/readyz");
    return answer && answer->status == 200;
  };
  bool ready = false;
  wait_for([&] { return (ready = answers()) || !process_.alive(); }, 10s);
  if (!ready)
    return fail(errc::network, "the engine did not start: " + last_words());
  return {};
}

result<ledger> engine::books() {
  const auto answer = admin_->Get("/api/ledger");
  if (!answer || answer->status != 200)
    return fail(errc::network,
                "the engine does not show its ledger: " + last_words());
  return read_ledger(answer->body);
}

result<ledger> engine::settled(std::uint64_t sent, bool delivered,
                               std::chrono::seconds patience) {
  result<ledger> found;
  const bool at_rest = wait_for(
    [&] {
      found = books();
      return !found
             || (found->has_taken_in(sent)
                 && (!delivered || found->is_delivered()));
    },
    patience);
  if (!found)
    return found;
  if (!at_rest || !found->balanced || of(found->ingest, "rejected") > 0)
    return fail(errc::malformed, fmt::format("void: sent {}, but the ledger "
                                             "says: {}",
                                             sent, to_string(*found)));
  return found;
}

result<ledger> engine::taken_in(std::uint64_t sent,
                                std::chrono::seconds patience) {
  return settled(sent, false, patience);
}

result<ledger> engine::delivered(std::uint64_t sent,
                                 std::chrono::seconds patience) {
  return settled(sent, true, patience);
}

result<void> engine::stop() {
  if (const auto status = process_.stop(); status != 0)
    return fail(errc::malformed, fmt::format("the engine ended with status {}: "
                                             "{}",
                                             status, last_words()));
  return {};
}

result<void> engine::start_again() {
  auto process = run(binary_, folder());
  if (!process)
    return tl::unexpected(process.error());
  process_ = *std::move(process);
  return wait_until_ready();
}

std::string engine::last_words() const {
  std::ifstream in{folder() / output_file};
  std::string last = "it said nothing";
  for (std::string line; std::getline(in, line);)
    if (!line.empty())
      last = line;
  return last;
}

} // namespace signalbox::bench
