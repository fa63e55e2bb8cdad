#include "bench/scenarios/samples.hpp"

#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <fstream>
#include <string_view>
#include <thread>

#include <sys/utsname.h>

namespace signalbox::bench {

namespace {

using json_writer = rapidjson::Writer<rapidjson::StringBuffer>;

void text(json_writer& w, const char* key, std::string_view value) {
  w.Key(key);
  w.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

/// The value of the first line of a file that begins so, behind its colon.
std::string line_of(const char* file, std::string_view name) {
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(name))
      if (const auto at = line.find(": "); at != std::string::npos)
        return line.substr(at + 2);
  return "unknown";
}

std::string first_line(const char* file) {
  std::ifstream in{file};
  std::string line;
  std::getline(in, line);
  return line;
}

/// What numbers depend on, but not the machine's name.
std::string machine_json() {
  utsname system{};
  ::uname(&system);
  rapidjson::StringBuffer out;
  json_writer w{out};
  w.StartObject();
  text(w, "processor", line_of("/proc/cpuinfo", "model name"));
  w.Key("cores");
  w.Uint(std::thread::hardware_concurrency());
  text(w, "kernel", std::string{system.sysname} + " " + system.release);
  text(w, "rmem_max", first_line("/proc/sys/net/core/rmem_max"));
  w.EndObject();
  return out.GetString();
}

std::string as_json(const sample& x) {
  rapidjson::StringBuffer out;
  json_writer w{out};
  w.SetMaxDecimalPlaces(4);
  w.StartObject();
  text(w, "scenario", x.scenario);
  text(w, "load", x.load);
  text(w, "subject", x.subject);
  text(w, "metric", x.metric);
  w.Key("value");
  w.Double(x.value);
  w.EndObject();
  return out.GetString();
}

} // namespace

// A sample a line, so that a change between two runs is readable as such.
std::string as_json(const run_info& info, const samples& xs) {
  auto lines =
    fmt::format("{{\"machine\":{},\n\"commit\":\"{}\",\n\"date\":\"{}\",\n"
                "\"smoke\":{},\n\"samples\":[",
                machine_json(), info.commit, info.date, info.smoke);
  const char* separator = "\n";
  for (const auto& x : xs) {
    lines += separator + as_json(x);
    separator = ",\n";
  }
  return lines + "\n]}\n";
}

double median(std::vector<double> xs) {
  std::ranges::sort(xs);
  const auto middle = xs.size() / 2;
  return xs.size() % 2 == 1 ? xs[middle] : (xs[middle - 1] + xs[middle]) / 2;
}

} // namespace signalbox::bench
