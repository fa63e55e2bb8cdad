#include "config/load.hpp"

#include "config/expand.hpp"
#include "config/settings.hpp"
#include "config/source.hpp"
#include "embedded/default_toml.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <tuple>
#include <utility>

namespace signalbox::config {

namespace {

/// What toml++ says about a syntax error, without the pieces of values that
/// it quotes: they may be of a secret. Keys, single characters and what was
/// expected stay.
std::string without_values(std::string_view text) {
  if (text.find("cannot redefine") != std::string_view::npos
      || text.find("cannot insert") != std::string_view::npos)
    return std::string{text};
  std::string out;
  while (true) {
    auto open = text.find('\'');
    // From the second character on: the quoted one may be a quote itself.
    auto close =
      open == std::string_view::npos ? open : text.find('\'', open + 2);
    if (close == std::string_view::npos) {
      out.append(text);
      return out;
    }
    auto inside = text.substr(open + 1, close - open - 1);
    auto shown = inside.size() == 1 || inside.front() == '\\'
                 || text.substr(0, open).ends_with("expected ");
    out.append(text.substr(0, open + 1));
    out.append(shown ? inside : "…").append("'");
    text.remove_prefix(close + 1);
  }
}

/// A syntax error in words, with a hint at the most frequent slip.
std::string explain(const toml::parse_error& error) {
  auto text = without_values(error.description());
  if (text.find("parsing boolean") != std::string::npos
      || text.find("determine value type") != std::string::npos)
    text += "; texts need quotes";
  return text;
}

/// Replaces the variables in all strings of a document.
class expander {
public:
  expander(source& doc, const environment& env) : doc_(doc), env_(env) {
    // nop
  }

  void run() {
    visit(doc_.root, "");
  }

private:
  void visit(toml::table& table, const std::string& path) {
    for (auto&& [key, value] : table) {
      auto inner = path.empty() ? std::string{key.str()}
                                : path + "." + std::string{key.str()};
      visit(value, inner);
    }
  }

  void visit(toml::node& node, const std::string& path) {
    if (auto* table = node.as_table())
      return visit(*table, path);
    if (auto* list = node.as_array()) {
      for (auto& element : *list) {
        visit(element, path);
        if (doc_.wrong.contains(&element))
          doc_.wrong.insert(list);
      }
      return;
    }
    if (auto* text = node.as_string())
      replace(*text, path);
  }

  void replace(toml::value<std::string>& x, const std::string& path) {
    if (x.get().find("${") == std::string::npos)
      return;
    auto out = expand(x.get(), env_);
    for (auto& mistake : out.mistakes)
      doc_.report(place_of(x.source()), mistake.insert(0, path + ": "));
    if (!out.mistakes.empty())
      doc_.wrong.insert(&x);
    else
      doc_.written.emplace(&x, std::exchange(x.get(), std::move(out.text)));
  }

  source& doc_;
  const environment& env_;
};

auto order_of(const diagnostic& x) {
  return std::tie(x.file, x.line, x.column, x.message);
}

} // namespace

struct document::content {
  std::shared_ptr<source> doc;
  configuration settings;
};

document::document(std::shared_ptr<content> c) : content_(std::move(c)) {
  // nop
}

environment process_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    // Nothing in this process writes the environment.
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    const auto* value = std::getenv(std::string{name}.c_str());
    if (value == nullptr)
      return std::nullopt;
    return value;
  };
}

document document::parse(std::string_view text,
                         const std::filesystem::path& file,
                         const environment& env) {
  auto doc = std::make_shared<source>();
  doc->file = file.string();
  doc->folder = file.parent_path();
  try {
    doc->root = toml::parse(text, doc->file);
    expander{*doc, env}.run();
  } catch (const toml::parse_error& error) {
    doc->report(place_of(error.source()), explain(error));
  }
  auto root = section::state::make(doc, &doc->root, "", "", {});
  auto settings = read_settings(root);
  return document{
    std::make_shared<content>(content{std::move(doc), std::move(settings)})};
}

document document::read(const std::filesystem::path& file,
                        const environment& env) {
  auto text = read_file(file);
  auto x = parse(text ? *text : std::string{}, file, env);
  if (!text)
    x.content_->doc->report({}, text.error().what);
  return x;
}

document document::embedded() {
  auto none = [](std::string_view) {
    return std::optional<std::string>{};
  };
  return parse(embedded::default_toml, "default.toml", none);
}

const configuration& document::settings() const noexcept {
  return content_->settings;
}

std::vector<diagnostic> document::finish() {
  auto all = content_->doc->unknown_keys();
  const auto& found = content_->doc->mistakes;
  all.insert(all.end(), found.begin(), found.end());
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return order_of(a) < order_of(b);
  });
  auto same = [](const auto& a, const auto& b) {
    return order_of(a) == order_of(b);
  };
  all.erase(std::unique(all.begin(), all.end(), same), all.end());
  return all;
}

} // namespace signalbox::config
