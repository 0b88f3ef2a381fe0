#include "msg/tnef/legacy_attributes.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>
#include <variant>

#include "base/text.h"
#include "mapi/address.h"
#include "mapi/message.h"
#include "mapi/property_tags.h"
#include "msg/compound/little_endian.h"
#include "msg/tnef/attributes.h"
#include "msg/tnef/message_classes.h"

namespace postern::msg {
namespace {

using Octets = std::span<const std::byte>;
using Properties = LegacyProperties;

/// MacBinary as PR_ATTACH_ENCODING says it ([MS-OXCMSG] 2.2.2.21).
constexpr std::array mac_binary{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x14, 0x03, 0x0B, 0x01};

std::string text_of(Octets octets) {
  const auto end = std::ranges::find(octets, std::byte{0});
  return {reinterpret_cast<const char*>(octets.data()),
          static_cast<std::size_t>(end - octets.begin())};
}

void set_text(Properties& to, std::uint16_t id, std::string text) {
  if (text.empty()) return;
  to.bag.set(id, std::move(text));
  to.texts.insert(id);
}

void add_text(Properties& to, std::uint16_t id, Octets octets) {
  set_text(to, id, text_of(octets));
}

void add_class(Properties& to, std::uint16_t id, Octets octets) {
  set_text(to, id, class_from_tnef(text_of(octets)));
}

void add_binary(Properties& to, std::uint16_t id, Octets octets) {
  to.bag.set(id, mapi::Binary(octets.begin(), octets.end()));
}

std::optional<unsigned> hex_digit(char digit) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto found = digits.find(lower_case({&digit, 1}));
  return found == std::string_view::npos ? std::nullopt
                                         : std::optional(static_cast<unsigned>(found));
}

/// Octets as text, two hex digits each.
void add_hex(Properties& to, std::uint16_t id, Octets octets) {
  const auto text = text_of(octets);
  mapi::Binary value;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const auto high = hex_digit(text[i]);
    const auto low = hex_digit(text[i + 1]);
    if (!high || !low) return;
    value.push_back(static_cast<std::byte>(*high * 16 + *low));
  }
  if (!value.empty()) to.bag.set(id, std::move(value));
}

/// A DTR: year, month, day, hour, minute, second and day of the week, 16 bits each.
void add_time(Properties& to, std::uint16_t id, Octets octets) {
  if (octets.size() < 12) return;
  const auto field = [octets](std::size_t number) {
    return load<std::uint16_t>(octets, 2 * number);
  };
  const std::chrono::year_month_day date{std::chrono::year{field(0)}, std::chrono::month{field(1)},
                                         std::chrono::day{field(2)}};
  constexpr int first_year = 1601;
  const bool is_time = date.ok() && field(0) >= first_year && field(0) <= 9999 && field(3) < 24 &&
                       field(4) < 60 && field(5) < 60;
  if (!is_time) return;
  const std::int64_t seconds =
      std::chrono::sys_days{date}.time_since_epoch().count() * std::int64_t{86'400} +
      std::int64_t{3'600} * field(3) + std::int64_t{60} * field(4) + field(5) +
      mapi::FileTime::unix_epoch_seconds;
  to.bag.set(
      id, mapi::FileTime{static_cast<std::uint64_t>(seconds * mapi::FileTime::ticks_per_second)});
}

void add_int32(Properties& to, std::uint16_t id, Octets octets) {
  if (octets.size() >= 4) to.bag.set(id, static_cast<std::int32_t>(load<std::uint32_t>(octets)));
}

void add_flag(Properties& to, std::uint16_t id, Octets octets) {
  if (octets.size() >= 2) to.bag.set(id, load<std::uint16_t>(octets) != 0);
}

/// 1 high, 2 normal, 3 low.
void add_priority(Properties& to, std::uint16_t id, Octets octets) {
  if (octets.size() < 2) return;
  const std::int32_t importance = 3 - load<std::uint16_t>(octets);
  if (importance >= 0 && importance <= 2) to.bag.set(id, importance);
}

void add_status(Properties& to, std::uint16_t id, Octets octets) {
  struct Flag {
    unsigned status;
    std::int32_t message_flag;
  };
  constexpr std::array flags{Flag{0x02, mapi::MSGFLAG_UNSENT}, Flag{0x04, mapi::MSGFLAG_SUBMIT},
                             Flag{0x20, mapi::MSGFLAG_READ}, Flag{0x80, mapi::MSGFLAG_HASATTACH}};
  constexpr unsigned modified = 0x01;
  if (octets.empty()) return;
  const auto status = std::to_integer<unsigned>(octets[0]);
  auto value = (status & modified) != 0 ? 0 : mapi::MSGFLAG_UNMODIFIED;
  for (const auto& flag : flags) {
    if ((status & flag.status) != 0) value |= flag.message_flag;
  }
  to.bag.set(id, value);
}

LegacyParty party(std::string name, const std::string& typed_address) {
  const auto colon = typed_address.find(':');
  if (colon == std::string::npos) return {std::move(name), {}, typed_address};
  return {std::move(name), typed_address.substr(0, colon), typed_address.substr(colon + 1)};
}

void set_party(Properties& to, const mapi::AddressGroup& group, const LegacyParty& party) {
  set_text(to, group.display_name.id, party.name);
  set_text(to, group.address_type.id, party.type);
  set_text(to, group.email_address.id, party.address);
}

/// A TRP: its kind and size, the lengths of name and address, then both.
void add_sender(Properties& to, std::uint16_t, Octets octets) {
  constexpr std::size_t header = 8;
  constexpr std::uint16_t one_off = 4;
  if (octets.size() < header || load<std::uint16_t>(octets) != one_off) return;
  const std::size_t name = load<std::uint16_t>(octets, 4);
  const std::size_t address = load<std::uint16_t>(octets, 6);
  octets = octets.subspan(header);
  if (name + address > octets.size()) return;
  set_party(to, mapi::sender_group,
            party(text_of(octets.first(name)), text_of(octets.subspan(name, address))));
}

/// Name and address, each with its length.
std::optional<LegacyParty> counted_party(Octets octets) {
  std::array<std::string, 2> texts;
  for (auto& text : texts) {
    if (octets.size() < 2) return std::nullopt;
    const std::size_t length = load<std::uint16_t>(octets);
    if (length > octets.size() - 2) return std::nullopt;
    text = text_of(octets.subspan(2, length));
    octets = octets.subspan(2 + length);
  }
  return party(std::move(texts[0]), texts[1]);
}

void add_sent_for(Properties& to, std::uint16_t, Octets octets) {
  if (const auto found = counted_party(octets)) {
    set_party(to, mapi::sent_representing_group, *found);
  }
}

void add_owner(Properties& to, std::uint16_t, Octets octets) {
  to.owner = counted_party(octets);
}

/// RENDDATA: kind, place in the text, size of the icon, flags.
void add_rendering(Properties& to, std::uint16_t, Octets octets) {
  constexpr std::size_t size = 14;
  if (octets.size() < size) return;
  const bool is_ole = load<std::uint16_t>(octets) == rendered_ole_object;
  const auto method = is_ole ? mapi::AttachMethod::ole : mapi::AttachMethod::by_value;
  to.bag.set(mapi::PR_ATTACH_METHOD, static_cast<std::int32_t>(method));
  to.bag.set(mapi::PR_RENDERING_POSITION,
             static_cast<std::int32_t>(load<std::uint32_t>(octets, 2)));
  if ((load<std::uint32_t>(octets, 10) & rendered_mac_binary) == 0) return;
  mapi::Binary encoding;
  for (const auto octet : mac_binary) encoding.push_back(static_cast<std::byte>(octet));
  to.bag.set(mapi::PR_ATTACH_ENCODING, std::move(encoding));
}

struct Row {
  Attribute attribute;
  std::uint16_t property;
  void (*add)(Properties&, std::uint16_t, Octets);
};
constexpr std::array rows{
    Row{Attribute::owner, 0, add_owner},
    Row{Attribute::sent_for, 0, add_sent_for},
    Row{Attribute::date_start, mapi::PR_START_DATE.id, add_time},
    Row{Attribute::date_end, mapi::PR_END_DATE.id, add_time},
    Row{Attribute::original_message_class, mapi::PR_ORIG_MESSAGE_CLASS.id, add_class},
    Row{Attribute::owner_appointment_id, mapi::PR_OWNER_APPT_ID.id, add_int32},
    Row{Attribute::request_response, mapi::PR_RESPONSE_REQUESTED.id, add_flag},
    Row{Attribute::from, 0, add_sender},
    Row{Attribute::subject, mapi::PR_SUBJECT.id, add_text},
    Row{Attribute::date_sent, mapi::PR_CLIENT_SUBMIT_TIME.id, add_time},
    Row{Attribute::date_received, mapi::PR_MESSAGE_DELIVERY_TIME.id, add_time},
    Row{Attribute::message_status, mapi::PR_MESSAGE_FLAGS.id, add_status},
    Row{Attribute::message_class, mapi::PR_MESSAGE_CLASS.id, add_class},
    Row{Attribute::message_id, mapi::PR_SEARCH_KEY.id, add_hex},
    Row{Attribute::parent_id, mapi::PR_PARENT_KEY.id, add_hex},
    Row{Attribute::conversation_id, mapi::PR_CONVERSATION_KEY.id, add_hex},
    Row{Attribute::body, mapi::PR_BODY.id, add_text},
    Row{Attribute::priority, mapi::PR_IMPORTANCE.id, add_priority},
    Row{Attribute::date_modified, mapi::PR_LAST_MODIFICATION_TIME.id, add_time},
    Row{Attribute::attach_title, mapi::PR_ATTACH_FILENAME.id, add_text},
    Row{Attribute::attach_meta_file, mapi::PR_ATTACH_RENDERING.id, add_binary},
    Row{Attribute::attach_create_date, mapi::PR_CREATION_TIME.id, add_time},
    Row{Attribute::attach_modify_date, mapi::PR_LAST_MODIFICATION_TIME.id, add_time},
    Row{Attribute::attach_transport_filename, mapi::PR_ATTACH_TRANSPORT_NAME.id, add_text},
    Row{Attribute::attach_rendering, 0, add_rendering},
};

/// The organiser of a meeting; in a response, to whom it goes ([MS-OXTNEF] 2.1.3.3.16).
void settle_owner(Properties& properties, const mapi::PropertyBag& bag) {
  if (!properties.owner) return;
  const auto message_class = lower_case(
      bag.get_or(mapi::PR_MESSAGE_CLASS, properties.bag.get_or(mapi::PR_MESSAGE_CLASS, "")));
  const bool is_response = message_class.starts_with("ipm.schedule.meeting.resp");
  set_party(properties, is_response ? mapi::rcvd_representing_group : mapi::sent_representing_group,
            *properties.owner);
}

/// Whether the bag says it already.
bool is_said(const mapi::PropertyBag& bag, std::uint16_t id) {
  const bool has_long_name = bag.find(mapi::PR_ATTACH_LONG_FILENAME.id) != nullptr;
  return bag.find(id) != nullptr || (id == mapi::PR_ATTACH_FILENAME.id && has_long_name);
}

}  // namespace

void add_legacy(LegacyProperties& properties, std::uint32_t attribute, Octets octets) {
  const auto* const row = std::ranges::find_if(
      rows, [attribute](const Row& known) { return is_attribute(attribute, known.attribute); });
  if (row != rows.end()) row->add(properties, row->property, octets);
}

bool settle_legacy(LegacyProperties properties, mapi::PropertyBag& bag, RawTexts& raw) {
  settle_owner(properties, bag);
  bool has_time = false;
  for (const auto& [id, value] : properties.bag.properties()) {
    if (is_said(bag, id)) continue;
    bag.set(id, value);
    if (properties.texts.contains(id)) raw.add(id);
    has_time = has_time || std::holds_alternative<mapi::FileTime>(value);
  }
  return has_time;
}

}  // namespace postern::msg
