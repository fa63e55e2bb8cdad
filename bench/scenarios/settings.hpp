// What all scenarios are told.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace signalbox::bench {

struct settings {
  std::string engine; ///< Path of the signalbox binary.
  /// Only shows that the scenario works: about a second, a gentle load, no
  /// peers. What it measures says nothing.
  bool smoke = false;
  /// The folder of the peers' configurations; empty: without peers.
  std::filesystem::path peers;
  /// Where their programs were unpacked (peers/fetch.sh). Rows of those that
  /// are not there are left out.
  std::filesystem::path peer_programs;
  /// Where temporary folders are made: its disk is what is measured.
  std::filesystem::path work = std::filesystem::temp_directory_path();
  unsigned rounds = 3; ///< How often each measurement is taken.

  /// `full` if this is no smoke test, else something short.
  [[nodiscard]] std::chrono::milliseconds
  length(std::chrono::milliseconds full) const {
    return smoke ? std::min(full, std::chrono::milliseconds{200}) : full;
  }
};

} // namespace signalbox::bench
