// Lower case, for what is compared in any case: user directories and ids.
#pragma once

#include <string>
#include <string_view>

namespace signalbox {

/// Appends `text` with its letters in lower case: Unicode's simple case folding
/// of the Latin (ASCII, Latin-1, Extended-A), Greek and Cyrillic alphabets, in
/// which the directories of Qlik Sense's users write names. Everything else,
/// invalid UTF-8 included, stays as it is; the length never changes.
void append_folded(std::string& out, std::string_view text);

/// `text` as `append_folded` writes it.
std::string folded(std::string_view text);

} // namespace signalbox
