#include "actors/session_keeper.hpp"

#include "storage/session_file.hpp"
#include "storage/whole_file.hpp"

#include <spdlog/spdlog.h>

#include <memory>
#include <utility>

namespace signalbox {

namespace {

session_snapshot_ptr read(const std::string& file) {
  const auto text = storage::read_whole(file, storage::max_session_file);
  if (text && !*text)
    return nullptr;
  auto x =
    text ? storage::parse_session_json(**text) : tl::unexpected{text.error()};
  if (x)
    return std::make_shared<session_snapshot>(std::move(*x));
  spdlog::error("sessions: {}: {}; active users are counted from now on, and "
                "the file is replaced",
                file, x.error().what);
  return nullptr;
}

} // namespace

session_keeper_actor::behavior_type session_keeper(
  session_keeper_actor::stateful_pointer<session_keeper_state> self,
  std::string file) {
  self->state.file = std::move(file);
  return {
    [self](atoms::recent) { return read(self->state.file); },
    [self](atoms::keep, const session_snapshot_ptr& x, bool sync) {
      auto& st = self->state;
      const auto written =
        storage::replace_whole(st.file, storage::session_json(*x), sync);
      const auto before = std::exchange(
        st.refused, written ? std::string{} : written.error().what);
      if (!st.refused.empty() && before.empty())
        spdlog::error("sessions: {}; after a restart it will not be known who "
                      "was active; tried again with the next change",
                      st.refused);
      else if (st.refused.empty() && !before.empty())
        spdlog::info("sessions: {} can be written again", st.file);
      return caf::ok_atom::value;
    },
  };
}

} // namespace signalbox
