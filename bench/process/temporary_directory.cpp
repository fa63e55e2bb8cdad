#include "bench/process/temporary_directory.hpp"

#include <cstdlib>
#include <system_error>
#include <utility>

namespace signalbox::bench {

namespace fs = std::filesystem;

result<temporary_directory> temporary_directory::make(const fs::path& parent) {
  std::error_code why;
  auto name = (fs::absolute(parent, why) / "signalbox-bench-XXXXXX").string();
  if (why || ::mkdtemp(name.data()) == nullptr)
    return fail(errc::file, "cannot make a directory in " + parent.string());
  return temporary_directory{fs::path{name}};
}

temporary_directory::temporary_directory(fs::path path)
  : path_(std::move(path)) {
  // nop
}

temporary_directory::temporary_directory(temporary_directory&& other) noexcept
  : path_(std::exchange(other.path_, {})) {
  // nop
}

temporary_directory::~temporary_directory() {
  std::error_code ignored;
  if (!path_.empty())
    fs::remove_all(path_, ignored);
}

} // namespace signalbox::bench
