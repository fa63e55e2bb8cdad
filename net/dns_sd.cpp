#include "net/dns_sd.hpp"

#include <climits>

#include <algorithm>
#include <array>
#include <optional>
#include <resolv.h>

#include <arpa/nameser.h>

namespace signalbox::net {

namespace {

constexpr std::size_t max_services = 256;
constexpr std::size_t max_addresses = 8;
constexpr std::size_t max_txt_keys = 64;

/// In one round, so that an answer full of names costs no flood.
constexpr std::size_t max_questions = 64;

using wire_bytes = std::array<unsigned char, NS_MAXCDNAME + 1>;

const unsigned char* bytes_of(std::string_view x) {
  return reinterpret_cast<const unsigned char*>(x.data());
}

std::string text_of(const unsigned char* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

/// Lengths of labels are below 'A', so that only text changes.
std::string lower(std::string x) {
  std::ranges::transform(x, x.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return x;
}

/// The bytes of an uncompressed name, the empty label at its end included.
std::string whole_name(const wire_bytes& wire) {
  std::size_t size = 0;
  while (wire[size] != 0)
    size += wire[size] + 1U;
  return text_of(wire.data(), size + 1);
}

/// From a name as libresolv writes it; nothing if it is none.
std::optional<std::string> to_wire(const char* name) {
  wire_bytes wire{};
  if (ns_name_pton(name, wire.data(), wire.size()) < 0)
    return std::nullopt;
  return whole_name(wire);
}

std::string to_text(const std::string& wire) {
  std::array<char, NS_MAXDNAME> text{};
  if (ns_name_ntop(bytes_of(wire), text.data(), text.size()) < 0)
    return {};
  return text.data();
}

/// The name that lies in a record at `offset`, and fits into it.
std::optional<std::string> name_in(const ns_msg& message, const ns_rr& x,
                                   std::size_t offset) {
  if (ns_rr_rdlen(x) <= offset)
    return std::nullopt;
  const auto room = ns_rr_rdlen(x) - offset;
  wire_bytes wire{};
  const auto used =
    ns_name_unpack(ns_msg_base(message), ns_msg_end(message),
                   ns_rr_rdata(x) + offset, wire.data(), wire.size());
  if (used < 0 || static_cast<std::size_t>(used) > room)
    return std::nullopt;
  return whole_name(wire);
}

std::string first_label(const std::string& wire) {
  return wire.substr(1, static_cast<unsigned char>(wire.front()));
}

std::string after_first_label(const std::string& wire) {
  return wire.substr(
    std::min(wire.size(), 1UL + static_cast<unsigned char>(wire.front())));
}

/// Reads what service discovery uses; false if the record is damaged.
bool read_data(const ns_msg& message, const ns_rr& x, dns_record& out) {
  const std::size_t size = ns_rr_rdlen(x);
  switch (out.type) {
  case ns_t_ptr:
  case ns_t_srv: {
    constexpr std::size_t srv_head = 6; // Priority, weight, port.
    const auto is_srv = out.type == ns_t_srv;
    const auto name = name_in(message, x, is_srv ? srv_head : 0);
    if (!name)
      return false;
    if (is_srv)
      out.port = static_cast<std::uint16_t>(ns_get16(ns_rr_rdata(x) + 4));
    else
      out.label = first_label(*name);
    out.target = lower(*name);
    return true;
  }
  case ns_t_a:
    out.data = text_of(ns_rr_rdata(x), size);
    return size == NS_INADDRSZ;
  case ns_t_aaaa:
    out.data = text_of(ns_rr_rdata(x), size);
    return size == NS_IN6ADDRSZ;
  default:
    out.data = text_of(ns_rr_rdata(x), size);
    return true;
  }
}

bool is_of_interest(const ns_rr& x) {
  // The top bit of the class tells caches to forget what they had (RFC 6762,
  // section 10.2).
  if ((x.rr_class & 0x7fffU) != ns_c_in)
    return false;
  switch (x.type) {
  case ns_t_ptr:
  case ns_t_srv:
  case ns_t_txt:
  case ns_t_a:
  case ns_t_aaaa:
    return true;
  default:
    return false;
  }
}

tl::unexpected<failure> malformed() {
  return fail(errc::malformed, "no whole DNS answer");
}

/// Strings of `key=value`, each behind its length (RFC 6763, section 6). The
/// first of a key counts.
std::map<std::string, std::string> txt_of(std::string_view data) {
  std::map<std::string, std::string> out;
  while (!data.empty() && out.size() < max_txt_keys) {
    const auto size = static_cast<unsigned char>(data.front());
    const auto item = data.substr(1, size);
    data.remove_prefix(std::min(data.size(), 1UL + size));
    const auto equals = std::min(item.find('='), item.size());
    if (equals > 0)
      out.try_emplace(lower(std::string{item.substr(0, equals)}),
                      item.substr(std::min(equals + 1, item.size())));
  }
  return out;
}

endpoint address_of(const dns_record& x) {
  endpoint out;
  if (x.type == ns_t_a)
    out.address[10] = out.address[11] = 0xff; // RFC 4291, section 2.5.5.2
  std::ranges::copy(x.data, out.address.end()
                              - static_cast<std::ptrdiff_t>(x.data.size()));
  return out;
}

} // namespace

result<dns_answer> parse_dns_answer(std::string_view message) {
  ns_msg handle{};
  if (message.size() > NS_MAXMSG
      || ns_initparse(bytes_of(message), static_cast<int>(message.size()),
                      &handle)
           != 0
      || ns_msg_getflag(handle, ns_f_qr) == 0
      || ns_msg_getflag(handle, ns_f_rcode) != ns_r_noerror)
    return malformed();
  dns_answer out;
  out.id = static_cast<std::uint16_t>(ns_msg_id(handle));
  ns_rr x{};
  for (const auto section : {ns_s_an, ns_s_ar})
    for (int i = 0; i < ns_msg_count(handle, section); ++i) {
      if (ns_parserr(&handle, section, i, &x) != 0)
        return malformed();
      if (!is_of_interest(x))
        continue;
      const auto owner = to_wire(ns_rr_name(x));
      if (!owner)
        return malformed();
      dns_record record;
      record.owner = lower(*owner);
      record.type = x.type;
      record.ttl = x.ttl;
      if (!read_data(handle, x, record))
        return malformed();
      out.records.push_back(std::move(record));
    }
  return out;
}

service_browser::service_browser(std::span<const std::string_view> types,
                                 std::uint16_t id)
  : id_(id) {
  for (const auto type : types)
    if (const auto name = to_wire((std::string{type} + ".local").c_str()))
      types_.emplace(lower(*name), type);
}

audience service_browser::to() const {
  return {.group = "224.0.0.251", .port = 5353, .hops = 255};
}

std::string service_browser::query(const std::string& name,
                                   std::uint16_t type) const {
  // Flags are 0: a standard query. One question, for some simple responders
  // answer only the first.
  std::string out(NS_HFIXEDSZ, '\0');
  const auto put = [&out](std::size_t at, unsigned value) {
    out[at] = static_cast<char>(value >> CHAR_BIT);
    out[at + 1] = static_cast<char>(value);
  };
  put(0, id_);
  put(4, 1);
  out += name;
  out.resize(out.size() + NS_QFIXEDSZ);
  put(out.size() - 4, type);
  put(out.size() - 2, ns_c_in);
  return out;
}

std::vector<std::string> service_browser::questions(unsigned round) {
  std::vector<std::string> out;
  if (asks_everybody(round))
    for (const auto& [name, type] : types_)
      out.push_back(query(name, ns_t_ptr));
  const auto ask = [&](const std::string& name, std::uint16_t type) {
    if (out.size() < max_questions)
      out.push_back(query(name, type));
  };
  std::set<std::string> asked;
  for (const auto& [name, x] : services_) {
    if (x.host.empty())
      ask(name, ns_t_srv);
    else if (hosts_.at(x.host).empty() && asked.insert(x.host).second)
      ask(x.host, ns_t_a);
    if (!x.has_txt)
      ask(name, ns_t_txt);
  }
  return out;
}

void service_browser::hear(const endpoint&, std::string_view message) {
  const auto answer = parse_dns_answer(message);
  if (!answer || (answer->id != id_ && answer->id != 0))
    return;
  // In this order, as each step only takes what the one before made known, and
  // answers have their records in any order.
  using step = void (service_browser::*)(const dns_record&);
  for (const step learn :
       {&service_browser::learn_service, &service_browser::learn_details,
        &service_browser::learn_address})
    for (const auto& x : answer->records)
      if (x.ttl > 0)
        (this->*learn)(x);
}

void service_browser::learn_service(const dns_record& x) {
  if (x.type != ns_t_ptr || services_.size() >= max_services)
    return;
  const auto type = types_.find(x.owner);
  if (type == types_.end() || after_first_label(x.target) != type->first)
    return;
  auto& known = services_[x.target];
  known.type = type->second;
  known.name = x.label;
}

void service_browser::learn_details(const dns_record& x) {
  const auto found = services_.find(x.owner);
  if (found == services_.end())
    return;
  auto& known = found->second;
  if (x.type == ns_t_srv && x.port != 0 && known.host.empty()) {
    known.host = x.target;
    known.port = x.port;
    hosts_.try_emplace(x.target);
  } else if (x.type == ns_t_txt && !known.has_txt) {
    known.txt = txt_of(x.data);
    known.has_txt = true;
  }
}

void service_browser::learn_address(const dns_record& x) {
  if (x.type != ns_t_a && x.type != ns_t_aaaa)
    return;
  const auto host = hosts_.find(x.owner);
  if (host == hosts_.end() || host->second.size() >= max_addresses)
    return;
  const auto address = address_of(x);
  if (std::ranges::find(host->second, address) == host->second.end())
    host->second.push_back(address);
}

std::vector<service_instance> service_browser::instances() const {
  std::vector<service_instance> out;
  for (const auto& [name, x] : services_) {
    const auto host = hosts_.find(x.host);
    if (host != hosts_.end() && !host->second.empty())
      out.push_back({.type = x.type,
                     .name = x.name,
                     .host = to_text(x.host),
                     .port = x.port,
                     .addresses = host->second,
                     .txt = x.txt});
  }
  return out;
}

} // namespace signalbox::net
