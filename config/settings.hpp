// The tables of a document as plain values, one function a table. Mistakes go
// to the document.
#pragma once

#include "config/config.hpp"

namespace signalbox::config {

configuration read_settings(section root);

std::vector<listen_config> read_listeners(section& root);

admission_rules read_admission(section& root);

std::vector<destination_config> read_destinations(section& root);

// -- shared by the readers ----------------------------------------------------

/// A duration that must be longer than zero.
duration positive_time(section& s, std::string_view key, duration fallback);

/// A name for people: any text, not empty, unique among `taken`, which gets
/// it. @param fallback Where the key is absent.
std::string unique_name(section& s, std::string fallback,
                        std::vector<std::string>& taken);

/// A required unique name for metrics' labels and files' names: up to 64 of
/// letters, digits, '_', '.', '-', the first a letter or digit.
std::string required_name(section& s, std::vector<std::string>& taken);

} // namespace signalbox::config
