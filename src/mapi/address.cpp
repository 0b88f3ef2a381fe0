#include "mapi/address.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "base/octet_set.h"
#include "base/text.h"
#include "mapi/utf.h"

namespace postern::mapi {
namespace {

constexpr std::array<std::uint8_t, 16> one_off_provider{
    0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3, 0x10, 0x19, 0x9D, 0x6E, 0x00, 0xDD, 0x01, 0x0F, 0x54, 0x02};
constexpr std::array<std::uint8_t, 16> exchange_provider{
    0xDC, 0xA7, 0x40, 0xC8, 0xC0, 0x42, 0x10, 0x1A, 0xB4, 0xB9, 0x08, 0x00, 0x2B, 0x2F, 0xE1, 0x82};
constexpr std::size_t one_off_header = 24;  // flags 4, provider 16, version 2, flags 2

unsigned octet(const std::vector<std::byte>& bytes, std::size_t at) {
  return std::to_integer<unsigned>(bytes[at]);
}

void append_word(std::vector<std::byte>& bytes, std::uint16_t word) {
  bytes.push_back(static_cast<std::byte>(word & 0xFFU));
  bytes.push_back(static_cast<std::byte>(word >> 8U));
}

void append_dword(std::vector<std::byte>& bytes, std::size_t value) {
  append_word(bytes, static_cast<std::uint16_t>(value & 0xFFFFU));
  append_word(bytes, static_cast<std::uint16_t>(value >> 16U));
}

using DecodeText = std::function<std::string(std::string_view)>;

/// 8-bit text of unknown charset: UTF-8 if it is valid, else Latin-1.
std::string from_8bit(std::string_view text) {
  std::string result;
  if (is_utf8(text)) return result = text;
  for (const char c : text) {
    const auto value = static_cast<unsigned char>(c);
    if (value < 0x80) {
      result += c;
    } else {
      result += static_cast<char>(0xC0U | value >> 6U);
      result += static_cast<char>(0x80U | (value & 0x3FU));
    }
  }
  return result;
}

/// Takes the NUL-ended text at the front of `rest` off it; nullopt if no NUL follows.
std::optional<std::string> take_text(std::span<const std::byte>& rest, bool unicode,
                                     const DecodeText& decode) {
  const std::size_t width = unicode ? 2 : 1;
  for (std::size_t at = 0; at + width <= rest.size(); at += width) {
    const bool end = rest[at] == std::byte{0} && (!unicode || rest[at + 1] == std::byte{0});
    if (!end) continue;
    const auto raw = rest.first(at);
    rest = rest.subspan(at + width);
    if (unicode) return from_utf16le(raw);
    return decode({reinterpret_cast<const char*>(raw.data()), raw.size()});
  }
  return std::nullopt;
}

std::string_view strip_pair(std::string_view text, char open, char close) {
  if (text.size() >= 2 && text.front() == open && text.back() == close) {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

std::optional<std::string> accept(std::optional<std::string_view> text) {
  return text ? wire_address(*text) : std::nullopt;
}

/// Of an Exchange server's making (§2.3): it ranks behind an address that is one.
bool is_pseudo_address(std::string_view text) {
  return equals_ignoring_case(text.substr(0, 5), "IMCEA");
}

/// atext and dots (RFC 5322 §3.2.3), and what RFC 6532 adds.
constexpr auto local_part_octets =
    OctetSet("!#$%&'*+-./=?^_`{|}~").with_letters_and_digits().with_high();

bool is_quoted_local_part(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return false;
  const auto inner = text.substr(1, text.size() - 2);
  for (std::size_t i = 0; i < inner.size(); ++i) {
    const auto c = static_cast<unsigned char>(inner[i]);
    if (c < 0x20 || c == 0x7F || c == '"' || c == '<' || c == '>') return false;
    if (c == '\\' && (++i == inner.size() || static_cast<unsigned char>(inner[i]) < 0x20)) {
      return false;
    }
  }
  return true;
}

constexpr auto domain_octets = OctetSet("-_").with_letters_and_digits().with_high();

bool is_address_literal(std::string_view text) {
  constexpr std::string_view allowed = "0123456789abcdefABCDEF:.IPvVpi";
  const auto inner = strip_pair(text, '[', ']');
  return inner.size() + 2 == text.size() && !inner.empty() &&
         inner.find_first_not_of(allowed) == std::string_view::npos;
}

bool is_domain(std::string_view text) {
  if (is_address_literal(text)) return true;
  bool label_empty = true;
  for (const char c : text) {
    if (c == '.') {
      if (label_empty) return false;
      label_empty = true;
    } else {
      if (!domain_octets.contains(c)) return false;
      label_empty = false;
    }
  }
  return !label_empty;
}

/// Whether an entry id of at least `size` octets is of the provider.
bool is_of(const std::array<std::uint8_t, 16>& provider, const std::vector<std::byte>& entry_id,
           std::size_t size) {
  return entry_id.size() >= size &&
         std::equal(provider.begin(), provider.end(), entry_id.begin() + 4,
                    [](std::uint8_t left, std::byte right) { return std::byte{left} == right; });
}

/// nullopt: it is no one-off entry id.
std::optional<unsigned> one_off_flags(const std::vector<std::byte>& entry_id) {
  if (!is_of(one_off_provider, entry_id, one_off_header)) return std::nullopt;
  return octet(entry_id, 22) | octet(entry_id, 23) << 8U;
}

/// Step 5 of §2.3: "SMTP:ADDRESS", upper-cased, so lower-cased again.
std::optional<std::string> address_in_search_key(const Binary* key) {
  if (key == nullptr || key->size() < 6) return std::nullopt;
  std::string text(reinterpret_cast<const char*>(key->data()), key->size());
  text.erase(std::find(text.begin(), text.end(), '\0'), text.end());
  if (!text.starts_with("SMTP:") && !text.starts_with("smtp:")) return std::nullopt;
  return wire_address(lower_case(text));
}

}  // namespace

EntryId create_one_off(Address address, std::uint32_t flags) {
  const bool is_internet_address = equals_ignoring_case(address.type, "SMTP");
  address.takes_rich_info = (flags & MAPI_SEND_NO_RICH_INFO) == 0 && !is_internet_address;
  return make_one_off(address);
}

EntryId make_one_off(const Address& address) {
  EntryId entry;
  auto& bytes = entry.bytes;
  const auto characters =
      address.display_name.size() + address.type.size() + address.address.size() + 3;
  bytes.reserve(one_off_header + 2 * characters);
  append_dword(bytes, 0);
  for (const auto value : one_off_provider) bytes.push_back(static_cast<std::byte>(value));
  append_word(bytes, 0);
  const unsigned flags = address.takes_rich_info ? 0 : MAPI_ONE_OFF_NO_RICH_INFO;
  append_word(bytes, static_cast<std::uint16_t>(MAPI_ONE_OFF_UNICODE | flags));
  for (const auto* text : {&address.display_name, &address.type, &address.address}) {
    const auto encoded = to_utf16le(*text);
    bytes.insert(bytes.end(), encoded.begin(), encoded.end());
    append_word(bytes, 0);
  }
  return entry;
}

bool is_8bit_one_off(const std::vector<std::byte>& entry_id) {
  const auto flags = one_off_flags(entry_id);
  return flags && (*flags & MAPI_ONE_OFF_UNICODE) == 0;
}

std::optional<Address> parse_one_off(const std::vector<std::byte>& entry_id) {
  return parse_one_off(entry_id, from_8bit);
}

std::optional<Address> parse_one_off(const std::vector<std::byte>& entry_id,
                                     const DecodeText& decode) {
  const auto flags = one_off_flags(entry_id);
  if (!flags) return std::nullopt;
  const bool unicode = (*flags & MAPI_ONE_OFF_UNICODE) != 0;
  const bool takes_rich_info = (*flags & MAPI_ONE_OFF_NO_RICH_INFO) == 0;
  auto rest = std::span(entry_id).subspan(one_off_header);
  auto name = take_text(rest, unicode, decode);
  auto type = take_text(rest, unicode, decode);
  auto address = take_text(rest, unicode, decode);
  if (!name || !type || !address) return std::nullopt;
  return Address{std::move(*name), std::move(*type), std::move(*address), takes_rich_info};
}

std::vector<EntryId> parse_flat_entry_list(const Binary& list) {
  const auto dword = [&list](std::size_t at) {
    return octet(list, at) | octet(list, at + 1) << 8U | octet(list, at + 2) << 16U |
           octet(list, at + 3) << 24U;
  };
  std::vector<EntryId> entries;
  if (list.size() < 8) return entries;
  std::size_t count = dword(0);
  for (std::size_t at = 8; count > 0 && at + 4 <= list.size(); --count) {
    const std::size_t size = dword(at);
    at += 4;
    if (size > list.size() - at) break;
    const auto begin = list.begin() + static_cast<std::ptrdiff_t>(at);
    entries.push_back({{begin, begin + static_cast<std::ptrdiff_t>(size)}});
    at += (size + 3) / 4 * 4;
  }
  return entries;
}

Binary make_flat_entry_list(const std::vector<EntryId>& entries) {
  Binary body;
  for (const auto& entry : entries) {
    append_dword(body, entry.bytes.size());
    body.insert(body.end(), entry.bytes.begin(), entry.bytes.end());
    body.resize((body.size() + 3) / 4 * 4);
  }
  Binary list;
  append_dword(list, entries.size());
  append_dword(list, body.size());
  list.insert(list.end(), body.begin(), body.end());
  return list;
}

Binary make_search_key(const Address& address) {
  const auto text = upper_case(address.type + ':' + address.address);
  Binary key;
  key.reserve(text.size() + 1);
  for (const char c : text) key.push_back(static_cast<std::byte>(c));
  key.push_back(std::byte{0});
  return key;
}

std::string mailbox_key(std::string_view smtp_address) {
  auto address = wire_address(smtp_address).value_or(std::string(smtp_address));
  const auto at = address.rfind('@');
  if (at == std::string::npos) return address;
  return address.substr(0, at + 1) + lower_case(std::string_view(address).substr(at + 1));
}

bool is_smtp_address(std::string_view text) {
  constexpr std::size_t longest_path = 254;  // RFC 5321 §4.5.3.1.3, without the brackets
  const auto at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || text.size() > longest_path) return false;
  if (!is_utf8(text)) return false;
  const auto local = text.substr(0, at);
  const bool local_is_good = is_quoted_local_part(local) || local_part_octets.contains_all(local);
  return local_is_good && is_domain(text.substr(at + 1));
}

namespace {

/// The X.500 name in the entry id of an Exchange address book (§2.2); empty in any other.
std::string name_in_entry_id(const std::vector<std::byte>& entry_id) {
  constexpr std::size_t header = 28;  // flags 4, provider 16, version 4, type 4
  if (!is_of(exchange_provider, entry_id, header)) return {};
  const auto* text = reinterpret_cast<const char*>(entry_id.data());
  const std::string_view name(text + header, entry_id.size() - header);
  return std::string(name.substr(0, name.find('\0')));
}

/// The X.500 name of an Exchange user in lower case; empty if the group names none.
std::string exchange_name(const PropertyBag& bag, const AddressGroup& group) {
  const auto type = trim(bag.get_or(group.address_type, ""));
  const auto* entry_id = bag.get(group.entry_id);
  if (type.empty() && entry_id != nullptr) return lower_case(name_in_entry_id(*entry_id));
  if (!equals_ignoring_case(type, "EX")) return {};
  return lower_case(trim(bag.get_or(group.email_address, "")));
}

}  // namespace

std::optional<std::string> smtp_address(const PropertyBag& bag, const AddressGroup& group) {
  const auto type = trim(bag.get_or(group.address_type, ""));
  const auto address = trim(bag.get_or(group.email_address, ""));
  if (equals_ignoring_case(type, "SMTP") && !is_pseudo_address(address)) {
    if (auto found = accept(address)) return found;
  }
  if (auto found = accept(bag.get(group.smtp_address))) return found;
  if (const auto* entry_id = bag.get(group.entry_id)) {
    const auto one_off = parse_one_off(*entry_id);
    if (one_off && equals_ignoring_case(one_off->type, "SMTP")) {
      if (auto found = wire_address(one_off->address)) return found;
    }
  }
  if (!address.starts_with('/')) {
    if (auto found = accept(address)) return found;
  }
  if (auto found = address_in_search_key(bag.get(group.search_key))) return found;
  return accept(bag.get(group.display_name));
}

const ExchangeAddresses::ByName& ExchangeAddresses::by_name() const {
  if (by_name_) return *by_name_;
  by_name_.emplace();
  const auto add = [this](const PropertyBag& bag, const AddressGroup& group) {
    auto name = exchange_name(bag, group);
    if (name.empty()) return;
    if (auto address = mapi::smtp_address(bag, group)) {
      by_name_->emplace(std::move(name), *std::move(address));
    }
  };
  for (const auto& group : {sender_group, sent_representing_group, read_receipt_group,
                            received_by_group, rcvd_representing_group}) {
    add(*message_, group);
  }
  for (const auto& row : message_->recipients) add(row, recipient_group);
  return *by_name_;
}

std::optional<std::string> ExchangeAddresses::smtp_address(const PropertyBag& bag,
                                                           const AddressGroup& group) const {
  if (auto found = mapi::smtp_address(bag, group)) return found;
  const auto name = exchange_name(bag, group);
  if (name.empty()) return std::nullopt;
  const bool is_sender = group.email_address.id == sender_group.email_address.id ||
                         group.email_address.id == sent_representing_group.email_address.id;
  if (is_sender && name == lower_case(trim(message_->get_or(PR_CREATOR_EMAIL_ADDRESS, "")))) {
    if (auto creators = accept(message_->get(PR_CREATOR_SMTP_ADDRESS))) return creators;
  }
  const auto found = by_name().find(name);
  return found == by_name().end() ? std::nullopt : std::optional(found->second);
}

std::string address_text(const Recipient& row) {
  if (auto address = smtp_address(row, recipient_group)) return *address;
  return std::string(row.get(PR_EMAIL_ADDRESS).value_or(row.get_or(PR_DISPLAY_NAME, "")));
}

std::string display_name(const PropertyBag& bag, const AddressGroup& group,
                         std::string_view address) {
  const auto name = trim(strip_pair(trim(bag.get_or(group.display_name, "")), '\'', '\''));
  const auto as_address =
      name.find_first_of(" <") == std::string_view::npos ? wire_address(name) : std::nullopt;
  if (equals_ignoring_case(as_address ? *as_address : name, address)) return {};
  return std::string(name);
}

void set_address(PropertyBag& bag, const AddressGroup& group, std::string_view smtp_address,
                 std::string_view display_name) {
  const Address address{std::string(display_name.empty() ? smtp_address : display_name), "SMTP",
                        std::string(smtp_address)};
  bag.set(group.entry_id, make_one_off(address).bytes);
  bag.set(group.display_name, address.display_name);
  bag.set(group.address_type, address.type);
  bag.set(group.email_address, address.address);
  bag.set(group.smtp_address, address.address);
  bag.set(group.search_key, make_search_key(address));
}

Recipient make_recipient(RecipientType type, std::string_view smtp_address,
                         std::string_view display_name) {
  Recipient recipient;
  recipient.set(PR_RECIPIENT_TYPE, static_cast<std::int32_t>(type));
  if (is_smtp_address(smtp_address)) {
    set_address(recipient, recipient_group, smtp_address, display_name);
  } else {
    recipient.set(PR_DISPLAY_NAME, std::string(display_name.empty() ? smtp_address : display_name));
    recipient.set(PR_EMAIL_ADDRESS, std::string(smtp_address));
  }
  return recipient;
}

}  // namespace postern::mapi
