#include "formats/user_agent.hpp"

#include "formats/ascii.hpp"
#include "formats/user_agent_names.hpp"

#include <fmt/format.h>
#include <re2/filtered_re2.h>
#include <re2/re2.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <span>
#include <sstream>
#include <vector>

namespace signalbox {

namespace {

struct rename {
  std::string_view family;
  std::string_view name;
};

constexpr std::array browsers{
  rename{"Chrome Mobile", "Chrome"},
  rename{"Chrome Mobile WebView", "Chrome"},
  rename{"Chrome Mobile iOS", "Chrome"},
  rename{"Edge", "Microsoft Edge"},
  rename{"Edge Mobile", "Microsoft Edge"},
  rename{"Firefox Mobile", "Firefox"},
  rename{"Firefox iOS", "Firefox"},
  rename{"IE", "Internet Explorer"},
  rename{"IE Mobile", "Internet Explorer"},
  rename{"Mobile Safari", "Safari"},
  rename{"Mobile Safari UI/WKWebView", "Safari"},
  rename{"Opera Mobile", "Opera"},
  rename{"Other", ""},
};

constexpr std::array systems{
  rename{"Mac OS X", "macOS"},
  rename{"Other", ""},
};

std::string_view look_up(std::span<const rename> names,
                         std::string_view family) {
  const auto row = std::ranges::find(names, family, &rename::family);
  return row == names.end() ? family : row->name;
}

/// Family, major, minor and patch, as captured or replaced.
using findings = std::array<std::string, 4>;

/// One list of uap-core's file: the first expression that matches decides.
class rule_list {
public:
  /// @param names Keys of the replacements, in the order of `findings`.
  /// @return How many rules could not be compiled.
  std::size_t add(const YAML::Node& rules,
                  const std::array<const char*, 4>& names) {
    RE2::Options options;
    options.set_log_errors(false);
    std::size_t skipped = 0;
    for (const auto& rule : rules) {
      int id = 0;
      const auto regex = rule["regex"].as<std::string>();
      if (filter_.Add(regex, options, &id) != RE2::NoError) {
        ++skipped;
        continue;
      }
      auto& to = replacements_.emplace_back();
      for (std::size_t i = 0; i < names.size(); ++i) {
        if (const auto text = rule[names[i]])
          to[i] = text.as<std::string>();
      }
    }
    filter_.Compile(&atoms_);
    return skipped;
  }

  /// Families are "Other" when nothing matches.
  [[nodiscard]] findings parse(std::string_view text,
                               std::string_view lower_case) const {
    // Every expression needs some literal text; looking for those first spares
    // all but a few.
    std::vector<int> atoms;
    for (std::size_t i = 0; i < atoms_.size(); ++i) {
      if (lower_case.find(atoms_[i]) != std::string_view::npos)
        atoms.push_back(static_cast<int>(i));
    }
    const auto id = filter_.FirstMatch(text, atoms);
    if (id < 0)
      return {"Other"};
    const auto& re = filter_.GetRE2(id);
    captures found;
    const auto groups = std::min<int>(re.NumberOfCapturingGroups() + 1,
                                      static_cast<int>(found.size()));
    re.Match(text, 0, text.size(), RE2::UNANCHORED, found.data(), groups);
    findings result;
    for (std::size_t i = 0; i < result.size(); ++i) {
      const auto& to = replacements_[static_cast<std::size_t>(id)][i];
      result[i] = to.empty() ? std::string{found[i + 1]} : fill(to, found);
    }
    return result;
  }

private:
  using captures = std::array<re2::StringPiece, 10>;

  /// Puts captured text in place of $1 to $9.
  static std::string fill(std::string_view pattern, const captures& found) {
    std::string out;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      const auto next = i + 1 < pattern.size() ? pattern[i + 1] : '\0';
      if (pattern[i] == '$' && next >= '1' && next <= '9') {
        const auto& group = found[static_cast<std::size_t>(next - '0')];
        out.append(group.data(), group.size());
        ++i;
      } else {
        out += pattern[i];
      }
    }
    return out.substr(0, out.find_last_not_of(' ') + 1);
  }

  re2::FilteredRE2 filter_;
  std::vector<std::string> atoms_;
  std::vector<findings> replacements_;
};

std::string version_of(const findings& x) {
  std::string version = x[1];
  for (std::size_t i = 2; i < x.size() && !x[i].empty(); ++i)
    version += '.' + x[i];
  return version;
}

} // namespace

std::string_view common_browser(std::string_view family) noexcept {
  return look_up(browsers, family);
}

std::string_view common_os(std::string_view family) noexcept {
  return look_up(systems, family);
}

struct user_agent_rules::impl {
  rule_list browsers;
  rule_list systems;
  std::size_t skipped = 0;
};

user_agent_rules::user_agent_rules(std::unique_ptr<impl> x)
  : impl_(std::move(x)) {
  // nop
}

user_agent_rules::~user_agent_rules() = default;

std::size_t user_agent_rules::skipped() const noexcept {
  return impl_->skipped;
}

result<std::shared_ptr<const user_agent_rules>>
user_agent_rules::load(const std::filesystem::path& regexes_yaml) {
  std::ifstream file{regexes_yaml};
  std::stringstream text;
  text << file.rdbuf();
  if (!file)
    return fail(errc::file,
                fmt::format("{}: cannot be read", regexes_yaml.string()));
  try {
    // Devices are most of the file and of no interest here.
    auto yaml = text.str();
    yaml.resize(std::min(yaml.find("\ndevice_parsers:"), yaml.size()));
    const auto root = YAML::Load(yaml);
    auto x = std::make_unique<impl>();
    x->skipped += x->browsers.add(root["user_agent_parsers"],
                                  {"family_replacement", "v1_replacement",
                                   "v2_replacement", "v3_replacement"});
    x->skipped += x->systems.add(root["os_parsers"],
                                 {"os_replacement", "os_v1_replacement",
                                  "os_v2_replacement", "os_v3_replacement"});
    return std::shared_ptr<const user_agent_rules>{
      new user_agent_rules(std::move(x))};
  } catch (const YAML::Exception& error) {
    return fail(errc::malformed,
                fmt::format("{}: no rules for user agents: {}",
                            regexes_yaml.string(), error.what()));
  }
}

user_agent user_agent_rules::parse(std::string_view text) const {
  text = text.substr(0, longest);
  std::string lower_case{text};
  std::ranges::transform(lower_case, lower_case.begin(), to_lower);
  const auto browser = impl_->browsers.parse(text, lower_case);
  const auto os = impl_->systems.parse(text, lower_case);
  return {std::string{common_browser(browser[0])}, browser[1],
          std::string{common_os(os[0])}, version_of(os)};
}

} // namespace signalbox
