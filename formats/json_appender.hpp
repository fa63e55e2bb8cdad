// JSON out, for events: what is written for each of them must be cheap.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox {

/// Appends JSON (RFC 8259) to a string. Bytes are collected in a small buffer
/// first: a string checks its room and is a call away for each of many small
/// pieces. Commas are put where they belong.
class json_appender {
public:
  /// @param out Complete when the writer is gone.
  explicit json_appender(std::string& out) noexcept : out_(out) {
    // nop
  }

  ~json_appender() {
    flush();
  }

  json_appender(const json_appender&) = delete;
  json_appender& operator=(const json_appender&) = delete;

  void begin_object() {
    open('{');
  }

  void end_object() {
    close('}');
  }

  void begin_array() {
    open('[');
  }

  void end_array() {
    close(']');
  }

  /// A key that needs no escapes; its value is to follow.
  void key(std::string_view name) {
    separate();
    put('"');
    put(name);
    put("\":");
    separator_ = '\0';
  }

  /// Any key that is UTF-8.
  void escaped_key(std::string_view name) {
    separate();
    put_escaped(name);
    put(':');
    separator_ = '\0';
  }

  /// Any text that is UTF-8.
  void text(std::string_view x) {
    separate();
    put_escaped(x);
    separator_ = ',';
  }

  /// Text that needs no escapes.
  void plain_text(std::string_view x) {
    separate();
    put('"');
    put(x);
    put('"');
    separator_ = ',';
  }

  void number(std::uint64_t x) {
    separate();
    put(std::to_string(x));
    separator_ = ',';
  }

  void flag(bool x) {
    separate();
    put(x ? "true" : "false");
    separator_ = ',';
  }

private:
  void open(char bracket) {
    separate();
    put(bracket);
    separator_ = '\0';
  }

  void close(char bracket) {
    put(bracket);
    separator_ = ',';
  }

  void separate() {
    if (separator_ != '\0')
      put(separator_);
  }

  void put(char x) {
    if (used_ == buffer_.size())
      flush();
    buffer_[used_++] = x;
  }

  void put(std::string_view x) {
    if (x.size() > buffer_.size() - used_)
      flush();
    if (x.size() > buffer_.size()) {
      out_.append(x);
      return;
    }
    std::copy_n(x.data(), x.size(), buffer_.data() + used_);
    used_ += x.size();
  }

  void put_escaped(std::string_view x);
  void put_escape(char x);

  void flush() {
    out_.append(buffer_.data(), used_);
    used_ = 0;
  }

  std::string& out_;
  char separator_ = '\0'; ///< Before the next value; none if that is the first.
  std::size_t used_ = 0;
  std::array<char, 1024> buffer_;
};

} // namespace signalbox
