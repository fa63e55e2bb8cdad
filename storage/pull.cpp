#include "storage/pull.hpp"

#include <utility>
#include <variant>

namespace signalbox::storage {

pull::pull(sequence from, std::uint32_t most,
           std::shared_ptr<const interest> wants)
  : from_(from), wanted_from_(from), most_(most), wants_(std::move(wants)) {
  if (wants_ && wants_->holds_for_all())
    wants_ = nullptr;
}

bool pull::pass_over(std::vector<pull*> readers, const slice& shown) {
  for (const auto& [first, batch] : shown.batches)
    for (const auto& x : batch->events) {
      match_subject subject{x};
      std::erase_if(readers, [&subject](const auto* reader) {
        return reader->wants_->holds(subject);
      });
    }
  for (auto* x : readers)
    x->wanted_from_ = shown.end;
  return !readers.empty();
}

log_tail::found pull::answer(const log_tail& log, bool tell_all) const {
  auto found = log.read(wanted_from_, most_);
  if (auto* there = std::get_if<slice>(&found)) {
    there->from = from_;
    there->wanted_from = wanted_from_;
    return found;
  }
  if (wanted_from_ == from_)
    return found;
  // What is in the store comes with the next question.
  if (!tell_all && std::holds_alternative<std::monostate>(found))
    return found;
  slice passed;
  passed.from = from_;
  passed.end = wanted_from_;
  passed.wanted_from = wanted_from_;
  return passed;
}

} // namespace signalbox::storage
