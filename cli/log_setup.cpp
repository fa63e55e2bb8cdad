#include "cli/log_setup.hpp"

#include "formats/event_json.hpp"
#include "policy/plain_text.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>
#include <string_view>
#include <utility>

namespace signalbox::cli {

namespace {

constexpr std::size_t longest_line = 2000;
constexpr auto our_name = "signalbox";

// Whatever a value held, a record stays one line.
class line_formatter final : public spdlog::formatter {
public:
  explicit line_formatter(config::log_format format) : format_(format) {
    // nop
  }

  void format(const spdlog::details::log_msg& x,
              spdlog::memory_buf_t& out) override {
    const auto time = to_rfc3339(
      std::chrono::time_point_cast<std::chrono::nanoseconds>(x.time));
    const auto level = spdlog::level::to_string_view(x.level);
    const auto text =
      one_line({x.payload.data(), x.payload.size()}, longest_line);
    if (format_ == config::log_format::text) {
      fmt::format_to(std::back_inserter(out), "{} {:<8} {}\n", time,
                     std::string_view{level.data(), level.size()}, text);
      return;
    }
    rapidjson::StringBuffer json;
    rapidjson::Writer<rapidjson::StringBuffer> w{json};
    w.StartObject();
    w.Key("time");
    w.String(time.data(), static_cast<rapidjson::SizeType>(time.size()));
    w.Key("level");
    w.String(level.data(), static_cast<rapidjson::SizeType>(level.size()));
    w.Key("message");
    w.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
    w.EndObject();
    out.append(json.GetString(), json.GetString() + json.GetSize());
    out.push_back('\n');
  }

  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<line_formatter>(format_);
  }

private:
  config::log_format format_;
};

spdlog::level::level_enum level_of(config::log_level x) {
  switch (x) {
  case config::log_level::error:
    return spdlog::level::err;
  case config::log_level::warning:
    return spdlog::level::warn;
  case config::log_level::info:
    return spdlog::level::info;
  case config::log_level::debug:
    return spdlog::level::debug;
  }
  return spdlog::level::info;
}

} // namespace

void set_up_log(const config::log_config& options) {
  auto log = spdlog::default_logger();
  // Threads that log at this moment hold on to the logger that there is.
  const bool is_ours = log->name() == our_name;
  if (!is_ours)
    log = std::make_shared<spdlog::logger>(
      our_name, std::make_shared<spdlog::sinks::stderr_sink_mt>());
  log->set_formatter(std::make_unique<line_formatter>(options.format));
  log->set_level(level_of(options.level));
  log->flush_on(spdlog::level::trace);
  if (!is_ours)
    spdlog::set_default_logger(std::move(log));
}

} // namespace signalbox::cli
