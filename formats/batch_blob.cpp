#include "formats/batch_blob.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <utility>
#include <vector>
#include <xxhash.h>

namespace signalbox {

namespace {

constexpr std::string_view magic = "SBB";
constexpr std::uint8_t version = 1;

// The header: magic, version, checksum, first, count.
constexpr std::size_t version_at = magic.size();
constexpr std::size_t checksum_at = version_at + 1;
constexpr std::size_t first_at = checksum_at + 8;
constexpr std::size_t count_at = first_at + 8;
constexpr std::size_t header_size = count_at + 4;

// Flags of an event; the others are zero.
constexpr unsigned is_ambiguous = 1;
constexpr unsigned is_replayed = 2;
constexpr unsigned has_sent = 4;
constexpr unsigned has_ipv4 = 8;
constexpr unsigned app_id_in_context = 16;
constexpr unsigned user_agent_in_message = 32;
constexpr unsigned all_flags = 63;

/// The texts of an event, in the order in which they are written, but for two
/// that are mostly parts of others, and come last: app id and user agent.
constexpr std::array texts{
  &event::command,       &event::host,     &event::user_directory,
  &event::user_id,       &event::origin,   &event::context,
  &event::message,       &event::app_name, &event::browser,
  &event::browser_major, &event::os,       &event::os_version,
  &event::external_id,
};
constexpr std::size_t parts = 2;

/// Before an address of 4 bytes (RFC 4291, section 2.5.5.2).
constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0,    0,
                                                     0, 0, 0, 0, 0xff, 0xff};

constexpr std::size_t ipv4_size = 4;

// Kind, flags, port, id, time of receipt.
constexpr std::size_t fixed_size = 1 + 1 + 2 + 16 + 8;

/// No event is shorter: an IPv4 address, and one byte for the row, for each
/// text's length and for the number of attributes.
constexpr std::size_t least_size =
  fixed_size + ipv4_size + 1 + texts.size() + parts + 1;

/// No event takes more, beside its text and its attributes.
constexpr std::size_t longest_number = 10;
constexpr std::size_t most_size =
  fixed_size + 16 + 8 + longest_number * (1 + texts.size() + 2 * parts + 1);

/// Between the host's order of bytes and the blob's.
template <std::unsigned_integral T>
T little_endian(T x) {
  if constexpr (std::endian::native == std::endian::big) {
    auto bytes = std::bit_cast<std::array<std::uint8_t, sizeof(T)>>(x);
    std::ranges::reverse(bytes);
    return std::bit_cast<T>(bytes);
  } else {
    return x;
  }
}

/// Writes where there is room, which its user has seen to.
class bytes_writer {
public:
  explicit bytes_writer(char* to) : to_(to) {
    // nop
  }

  template <std::unsigned_integral T>
  void put(T x) {
    x = little_endian(x);
    put(&x, sizeof(x));
  }

  void put(wall_time x) {
    put(static_cast<std::uint64_t>(x.time_since_epoch().count()));
  }

  void put(std::string_view x) {
    if (!x.empty())
      put(x.data(), x.size());
  }

  void put(const void* from, std::size_t size) {
    std::memcpy(to_, from, size);
    to_ += size;
  }

  /// Seven bits a byte, the low ones first; the last byte is below 128.
  void put_number(std::uint64_t x) {
    for (; x >= 0x80; x >>= 7U)
      *to_++ = static_cast<char>(x | 0x80);
    *to_++ = static_cast<char>(x);
  }

  [[nodiscard]] char* position() const noexcept {
    return to_;
  }

private:
  char* to_;
};

/// Reads what is there; whatever is not there fails.
class bytes_reader {
public:
  explicit bytes_reader(std::string_view from) : from_(from) {
    // nop
  }

  [[nodiscard]] std::size_t size() const noexcept {
    return from_.size();
  }

  /// Only of what is there.
  template <std::unsigned_integral T>
  T get() {
    T x{};
    get(&x, sizeof(x));
    return little_endian(x);
  }

  /// Only of what is there.
  wall_time get_time() {
    const auto count = static_cast<std::int64_t>(get<std::uint64_t>());
    return wall_time{std::chrono::nanoseconds{count}};
  }

  /// Only of what is there.
  void get(void* to, std::size_t size) {
    std::memcpy(to, from_.data(), size);
    from_.remove_prefix(size);
  }

  /// Only of what is there.
  std::string_view get_text(std::size_t size) {
    const auto text = from_.substr(0, size);
    from_.remove_prefix(size);
    return text;
  }

  bool get_number(std::uint64_t& x) {
    x = 0;
    for (unsigned shift = 0; shift < 64 && !from_.empty(); shift += 7) {
      const auto byte = get<std::uint8_t>();
      x |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80)
        return shift < 63 || byte < 2;
    }
    return false;
  }

  /// A length of text, which cannot be longer than what is left.
  bool get_size(std::size_t& x) {
    std::uint64_t number = 0;
    if (!get_number(number) || number > from_.size())
      return false;
    x = static_cast<std::size_t>(number);
    return true;
  }

private:
  std::string_view from_;
};

std::uint64_t checksum(std::string_view blob) {
  const auto body = blob.substr(first_at);
  return XXH3_64bits(body.data(), body.size());
}

/// Room that is enough for an event.
std::size_t room_for(const event& x) {
  auto room = most_size + x.app_id.size() + x.user_agent.size();
  for (const auto text : texts)
    room += (x.*text).size();
  for (const auto& a : x.attributes)
    room += 2 * longest_number + a.name.size() + a.value.size();
  return room;
}

bool is_ipv4(const endpoint& x) {
  return std::memcmp(x.address.data(), mapped_prefix.data(),
                     mapped_prefix.size())
         == 0;
}

/// Whether one is a view of the other's bytes.
bool is_inside(std::string_view part, std::string_view whole) {
  const std::less_equal<> at_most;
  return !part.empty() && at_most(whole.data(), part.data())
         && at_most(part.data() + part.size(), whole.data() + whole.size());
}

/// A text, or where it is in the whole that has been written.
void write_part(bytes_writer& to, std::string_view part, std::string_view whole,
                bool inside) {
  if (inside)
    to.put_number(static_cast<std::uint64_t>(part.data() - whole.data()));
  else
    to.put(part);
}

bool read_part(bytes_reader& from, std::string_view& part, std::size_t size,
               std::string_view whole, bool inside) {
  if (!inside) {
    if (size > from.size())
      return false;
    part = from.get_text(size);
    return true;
  }
  std::uint64_t offset = 0;
  if (!from.get_number(offset) || offset > whole.size())
    return false;
  part = whole.substr(static_cast<std::size_t>(offset), size);
  return part.size() == size;
}

/// Everything before the text.
bool read_head(bytes_reader& from, event& x, unsigned& flags) {
  if (from.size() < least_size)
    return false;
  const auto kind = from.get<std::uint8_t>();
  if (kind >= static_cast<std::uint8_t>(event_kind::count))
    return false;
  x.kind = static_cast<event_kind>(kind);
  flags = from.get<std::uint8_t>();
  if (flags > all_flags)
    return false;
  x.ambiguous = (flags & is_ambiguous) != 0;
  x.replayed = (flags & is_replayed) != 0;
  x.source.port = from.get<std::uint16_t>();
  x.id.high = from.get<std::uint64_t>();
  x.id.low = from.get<std::uint64_t>();
  x.received = from.get_time();
  std::size_t known = 0;
  if ((flags & has_ipv4) != 0) {
    std::ranges::copy(mapped_prefix, x.source.address.begin());
    known = mapped_prefix.size();
  }
  const auto unknown = x.source.address.size() - known;
  if (from.size() < unknown + sizeof(std::uint64_t))
    return false;
  from.get(x.source.address.data() + known, unknown);
  if ((flags & has_sent) != 0)
    x.sent = from.get_time();
  return from.get_number(x.row_number);
}

bool read_texts(bytes_reader& from, event& x, unsigned flags) {
  std::array<std::size_t, texts.size()> sizes{};
  std::size_t total = 0;
  for (auto& size : sizes) {
    if (!from.get_size(size))
      return false;
    total += size;
  }
  std::size_t app_id = 0;
  std::size_t user_agent = 0;
  if (!from.get_size(app_id) || !from.get_size(user_agent)
      || total > from.size())
    return false;
  for (std::size_t i = 0; i < texts.size(); ++i)
    x.*texts[i] = from.get_text(sizes[i]);
  return read_part(from, x.app_id, app_id, x.context,
                   (flags & app_id_in_context) != 0)
         && read_part(from, x.user_agent, user_agent, x.message,
                      (flags & user_agent_in_message) != 0);
}

/// @param scratch Kept from event to event for its memory.
bool read_attributes(bytes_reader& from, event& x, event_batch& batch,
                     std::vector<attribute>& scratch) {
  std::uint64_t count = 0;
  // An attribute takes two bytes at least, the lengths of its texts.
  if (!from.get_number(count) || count > from.size() / 2)
    return false;
  if (count == 0)
    return true;
  scratch.resize(static_cast<std::size_t>(count));
  for (auto& a : scratch) {
    std::size_t name = 0;
    std::size_t value = 0;
    if (!from.get_size(name) || !from.get_size(value)
        || name + value > from.size())
      return false;
    a.name = from.get_text(name);
    a.value = from.get_text(value);
  }
  x.attributes = batch.keep(scratch);
  return true;
}

} // namespace

blob_writer::blob_writer(sequence first)
  : first_(first), bytes_(header_size, '\0') {
  // nop
}

void blob_writer::add(const event& x) {
  const auto size = bytes_.size();
  bytes_.resize(size + room_for(x));
  bytes_writer to{bytes_.data() + size};

  const auto v4 = is_ipv4(x.source);
  const auto in_context = is_inside(x.app_id, x.context);
  const auto in_message = is_inside(x.user_agent, x.message);
  to.put(static_cast<std::uint8_t>(x.kind));
  to.put(static_cast<std::uint8_t>(
    (x.ambiguous ? is_ambiguous : 0U) | (x.replayed ? is_replayed : 0U)
    | (x.sent ? has_sent : 0U) | (v4 ? has_ipv4 : 0U)
    | (in_context ? app_id_in_context : 0U)
    | (in_message ? user_agent_in_message : 0U)));
  to.put(x.source.port);
  to.put(x.id.high);
  to.put(x.id.low);
  to.put(x.received);
  const auto known = v4 ? mapped_prefix.size() : 0;
  to.put(x.source.address.data() + known, x.source.address.size() - known);
  if (x.sent)
    to.put(*x.sent);
  to.put_number(x.row_number);

  for (const auto text : texts)
    to.put_number((x.*text).size());
  to.put_number(x.app_id.size());
  to.put_number(x.user_agent.size());
  for (const auto text : texts)
    to.put(x.*text);
  write_part(to, x.app_id, x.context, in_context);
  write_part(to, x.user_agent, x.message, in_message);

  to.put_number(x.attributes.size());
  for (const auto& a : x.attributes) {
    to.put_number(a.name.size());
    to.put_number(a.value.size());
    to.put(a.name);
    to.put(a.value);
  }

  bytes_.resize(static_cast<std::size_t>(to.position() - bytes_.data()));
  ++events_;
}

std::size_t blob_writer::events() const noexcept {
  return events_;
}

std::size_t blob_writer::bytes() const noexcept {
  return bytes_.size();
}

std::string blob_writer::finish() {
  bytes_writer numbers{bytes_.data() + first_at};
  numbers.put(first_);
  numbers.put(static_cast<std::uint32_t>(events_));
  bytes_writer head{bytes_.data()};
  head.put(magic);
  head.put(version);
  head.put(std::uint64_t{checksum(bytes_)});

  first_ += std::exchange(events_, 0);
  auto blob = std::exchange(bytes_, std::string{});
  bytes_.reserve(blob.size()); // The next one will be about as long.
  bytes_.resize(header_size);
  return blob;
}

result<event_batch_builder> decode_blob(std::string bytes, sequence first) {
  const auto damaged = [](std::string_view why) {
    return fail(errc::malformed,
                fmt::format("the events are damaged: {}", why));
  };
  auto batch = std::make_shared<event_batch>(std::move(bytes));
  bytes_reader from{batch->blob()};
  if (from.size() < header_size)
    return damaged("they are cut short");
  if (from.get_text(magic.size()) != magic)
    return damaged("they do not begin with \"SBB\"");
  const auto written_by = from.get<std::uint8_t>();
  if (written_by > version)
    return fail(errc::malformed,
                fmt::format("the events were written by a newer version ({})",
                            written_by));
  if (written_by < version)
    return damaged(fmt::format("there is no version {}", written_by));
  if (from.get<std::uint64_t>() != checksum(batch->blob()))
    return damaged("their checksum does not match");
  const auto begin = from.get<std::uint64_t>();
  if (begin != first)
    return fail(
      errc::malformed,
      fmt::format("the events begin at number {}, not at {}", begin, first));
  const auto count = from.get<std::uint32_t>();
  if (count > from.size() / least_size)
    return damaged("there are fewer than they say");
  batch->events.reserve(count);
  std::vector<attribute> scratch;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto& x = batch->events.emplace_back();
    unsigned flags = 0;
    if (!read_head(from, x, flags) || !read_texts(from, x, flags)
        || !read_attributes(from, x, *batch, scratch))
      return damaged(fmt::format("event {} of {} is broken", i + 1, count));
  }
  if (from.size() != 0)
    return damaged("there is more after the last");
  return batch;
}

} // namespace signalbox
