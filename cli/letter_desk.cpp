#include "cli/letter_desk.hpp"

#include "actors/letters_json.hpp"
#include "actors/plan.hpp"
#include "cli/read_config.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <sys/stat.h>

namespace signalbox::cli {

namespace {

// Letters to ask for at a time.
constexpr std::uint32_t page_size = 500;

wall_time now() {
  return std::chrono::system_clock::now();
}

class engine_letters final : public letter_desk {
public:
  explicit engine_letters(admin_client engine) : engine_(std::move(engine)) {
    // nop
  }

  result<letter_list> list(letter_params which, std::uint32_t limit) override {
    letter_list out;
    simdjson::dom::parser parser;
    std::uint64_t last = 0;
    for (bool more = true; more && out.letters.size() < limit;) {
      const auto left = limit - static_cast<std::uint32_t>(out.letters.size());
      which.erase("limit");
      which.emplace("limit", std::to_string(std::min(left, page_size)));
      which.erase("after");
      which.emplace("after", std::to_string(last));
      const auto answer = engine_.get("/api/dead-letters" + query_of(which));
      if (auto why = words_for(answer))
        return tl::unexpected{std::move(*why)};
      more = false;
      try {
        const auto page =
          parser.parse(simdjson::padded_string{answer.body}).value();
        if (last == 0)
          out.total = page["total"].get_uint64().value();
        const auto letters = page["letters"].get_array().value();
        for (const auto x : letters) {
          more = true;
          last = x["id"].get_uint64().value();
          out.letters.push_back(simdjson::minify(x));
        }
      } catch (const simdjson::simdjson_error& e) {
        return fail(errc::malformed,
                    fmt::format("the answer of {} is not understood: {}",
                                engine_.url(), e.what()));
      }
    }
    return out;
  }

  result<std::uint64_t> retry(const letter_params& which) override {
    return change("/api/dead-letters/retry", which);
  }

  result<std::uint64_t> purge(const letter_params& which) override {
    return change("/api/dead-letters/purge", which);
  }

  [[nodiscard]] bool is_running() const override {
    return true;
  }

private:
  [[nodiscard]] std::optional<failure> words_for(const http_answer& x) const {
    auto words = engine_.words_for(x);
    if (words.empty())
      return std::nullopt;
    return failure{x.status == 400 ? errc::usage : errc::network,
                   std::move(words)};
  }

  [[nodiscard]] result<std::uint64_t> change(const char* path,
                                             const letter_params& which) const {
    const auto answer = engine_.post(path + query_of(which));
    if (auto why = words_for(answer))
      return tl::unexpected{std::move(*why)};
    simdjson::dom::parser parser;
    std::uint64_t letters = 0;
    if (parser.parse(simdjson::padded_string{answer.body})["letters"].get(
          letters)
        != simdjson::SUCCESS)
      return fail(
        errc::malformed,
        fmt::format("the answer of {} is not understood", engine_.url()));
    return letters;
  }

  admin_client engine_;
};

class stored_letters final : public letter_desk {
public:
  explicit stored_letters(storage::store_ptr store) : store_(std::move(store)) {
    // nop
  }

  result<letter_list> list(letter_params which, std::uint32_t limit) override {
    auto query = letters_to_list(which, now());
    if (!query)
      return tl::unexpected{query.error()};
    letter_list out;
    for (bool more = true; more && out.letters.size() < limit;) {
      query->limit = std::min(
        limit - static_cast<std::uint32_t>(out.letters.size()), page_size);
      const auto page = store_->letters(*query);
      if (!page)
        return tl::unexpected{page.error()};
      if (query->after == 0)
        out.total = page->total;
      more = !page->letters.empty();
      for (const auto& x : page->letters) {
        query->after = x.id;
        out.letters.push_back(letter_json(x));
      }
    }
    return out;
  }

  result<std::uint64_t> retry(const letter_params& which) override {
    const auto query = letters_to_retry(which, now());
    if (!query)
      return tl::unexpected{query.error()};
    return store_->mark(*query);
  }

  result<std::uint64_t> purge(const letter_params& which) override {
    const auto query = letters_to_purge(which, now());
    if (!query)
      return tl::unexpected{query.error()};
    return store_->purge(*query);
  }

  [[nodiscard]] bool is_running() const override {
    return false;
  }

private:
  storage::store_ptr store_;
};

/// The files of the service's journal stay the service's, whatever root has
/// made there.
void give_to_owner(const std::string& directory) {
  struct stat owner {};
  if (::geteuid() != 0 || ::stat(directory.c_str(), &owner) != 0)
    return;
  std::error_code ignored;
  for (const auto& x : std::filesystem::directory_iterator{directory, ignored})
    if (x.path().filename().string().starts_with("journal."))
      static_cast<void>(::lchown(x.path().c_str(), owner.st_uid, owner.st_gid)
                        == 0);
}

/// @param why Why no engine was asked; empty if none was to be.
result<std::unique_ptr<letter_desk>> open_store_in(const std::string& directory,
                                                   const std::string& why) {
  const auto with_why = [&](const std::string& what) {
    return fail(errc::file, why.empty() ? what : why + "; and " + what);
  };
  // Nothing is made where nothing is.
  std::error_code ignored;
  if (!std::filesystem::exists(directory + "/journal.db", ignored))
    return with_why(fmt::format(
      "there is no journal in '{}'; name the engine's configuration with "
      "--config, or its data_dir with --data-dir",
      directory));
  engine_plan plan;
  plan.data_dir = directory;
  auto store = open_store(plan);
  if (!store && why.empty())
    return with_why(store.error().what
                    + "; to ask a running engine, name its configuration "
                      "with --config, or its admin interface with --url");
  if (!store)
    return with_why(store.error().what);
  const auto former = (*store)->recover();
  give_to_owner(directory);
  if (!former)
    return with_why(former.error().what);
  for (const auto& x : former->findings)
    fmt::print(stderr, "{}\n", x);
  if (!why.empty())
    fmt::print(stderr, "{}; this is from the journal in '{}'\n", why,
               directory);
  return std::make_unique<stored_letters>(std::move(*store));
}

} // namespace

result<std::unique_ptr<letter_desk>>
open_letters(const letter_desk_options& options) {
  if (!options.data_dir.empty())
    return open_store_in(options.data_dir, {});
  const auto home = read_home(options.engine.config);
  if (!home)
    return fail(errc::bad_config, {});
  const bool has_url = !options.engine.url.empty() || !home->admin.host.empty();
  auto why = options.engine.config
             + " turns the admin interface off (admin.listen = \"\")";
  if (has_url) {
    auto engine = admin_client::of(options.engine);
    if (!engine)
      return tl::unexpected{engine.error()};
    const auto alive = engine->get("/healthz");
    if (alive.status != 0)
      return std::make_unique<engine_letters>(std::move(*engine));
    why = engine->words_for(alive);
  }
  if (home->store == config::store_kind::memory)
    return fail(errc::not_available,
                why
                  + "; and dead letters are only in its memory "
                    "(journal.store = \"memory\")");
  return open_store_in(home->data_dir, why);
}

} // namespace signalbox::cli
