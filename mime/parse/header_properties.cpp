#include "mime/parse/header_properties.h"

#include <algorithm>
#include <array>
#include <set>

#include <unicode/uloc.h>

#include "base/text.h"
#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mime/header/date.h"
#include "mime/header/field_syntax.h"
#include "mime/header/header_encoding.h"
#include "mime/octets/transfer_decoding.h"

namespace postern::mime {
namespace {

using mapi::LossKind;
using mapi::Tag;
using enum mapi::PropertyType;

struct Target {
  mapi::Message& message;
  const Reading& reading;
  const HeaderField& field;

  void lose(mapi::LossKind kind, std::string_view what) const {
    reading.lose({kind, mapi::header_part(field.name),
                  "the header field " + field.name + ' ' + std::string(what)});
  }
};

/// With the domain that local programs leave out.
std::string completed(const ListedMailbox& mailbox, const ReadOptions& options) {
  const bool is_local = !mailbox.address.empty() && mailbox.address.find('@') == std::string::npos;
  return is_local && !options.domain.empty() ? mailbox.address + '@' + options.domain
                                             : mailbox.address;
}

/// Composing takes off a pair of apostrophes, which Outlook puts around names (§2.4).
std::string kept_name(const std::string& name) {
  const bool is_wrapped = name.size() > 1 && name.front() == '\'' && name.back() == '\'';
  return is_wrapped ? '\'' + name + '\'' : name;
}

struct Party {
  std::string name;
  std::string address;  ///< empty: it has none that mail can be sent to
};
Party party_of(const ListedMailbox& mailbox, const ReadOptions& options) {
  if (auto address = mapi::wire_address(completed(mailbox, options))) {
    return {kept_name(mailbox.name), std::move(*address)};
  }
  return {mailbox.name.empty() ? mailbox.address : mailbox.name, {}};
}

/// The first of the parties, since a group of properties holds one.
void set_party(const Target& target, const mapi::AddressGroup& group) {
  const auto mailboxes = address_list_value(target.field.value);
  if (mailboxes.empty()) return;
  const auto party = party_of(mailboxes.front(), target.reading.options);
  if (party.address.empty()) {
    target.message.set(group.display_name, party.name);
    if (!mailboxes.front().address.empty()) {
      target.lose(LossKind::dropped, "has no address that mail can be sent to");
    }
  } else {
    mapi::set_address(target.message, group, party.address, party.name);
  }
  if (mailboxes.size() > 1) target.lose(LossKind::dropped, "names several; the first one is kept");
}

void set_from(const Target& target) {
  set_party(target, mapi::sent_representing_group);
}

void set_sender(const Target& target) {
  set_party(target, mapi::sender_group);
}

void set_read_receipt(const Target& target) {
  set_party(target, mapi::read_receipt_group);
  target.message.set(mapi::PR_READ_RECEIPT_REQUESTED, true);
}

template <mapi::RecipientType Type>
void add_recipients(const Target& target) {
  for (const auto& mailbox : address_list_value(target.field.value)) {
    const auto address = completed(mailbox, target.reading.options);
    auto wire = mapi::wire_address(address);
    if (!wire) target.lose(LossKind::guessed, "has '" + address + "', which is no address");
    target.message.recipients.push_back(
        mapi::make_recipient(Type, wire ? *wire : address, kept_name(mailbox.name)));
  }
}

void set_reply_to(const Target& target) {
  std::vector<mapi::EntryId> entries;
  std::string names;
  for (const auto& mailbox : address_list_value(target.field.value)) {
    const auto party = party_of(mailbox, target.reading.options);
    if (party.address.empty()) {
      target.lose(LossKind::dropped, "has '" + mailbox.address + "', which is no address");
      continue;
    }
    entries.push_back(mapi::make_one_off({party.name, "SMTP", party.address}));
    names.append(names.empty() ? "" : ";").append(party.name.empty() ? party.address : party.name);
  }
  if (entries.empty()) return;
  target.message.set(mapi::PR_REPLY_RECIPIENT_ENTRIES, mapi::make_flat_entry_list(entries));
  target.message.set(mapi::PR_REPLY_RECIPIENT_NAMES, names);
}

/// "RE: " and the like: up to three letters or digits, a colon and a blank ([MS-OXCMSG] 3.2.4.4).
std::size_t prefix_length(std::string_view subject) {
  constexpr std::size_t longest = 3;
  const auto colon = subject.find(": ");
  if (colon == std::string_view::npos || colon == 0) return 0;
  std::size_t characters = 0;
  for (const char octet : subject.substr(0, colon)) {
    const bool continues = (static_cast<unsigned char>(octet) & 0xC0U) == 0x80;
    if (!continues) ++characters;
    if (octet == ' ' || is_digit(octet)) return 0;
  }
  return characters <= longest ? colon + 2 : 0;
}

void set_subject(const Target& target) {
  const auto subject = text_value(target.field.value);
  const auto prefix = prefix_length(subject);
  target.message.set(mapi::PR_SUBJECT, subject);
  if (prefix > 0) target.message.set(mapi::PR_SUBJECT_PREFIX, subject.substr(0, prefix));
  target.message.set(mapi::PR_NORMALIZED_SUBJECT, subject.substr(prefix));
}

template <Tag<unicode> Property>
void set_text(const Target& target) {
  target.message.set(Property, text_value(target.field.value));
}

/// As it stands there: for programs.
template <Tag<unicode> Property>
void set_plain(const Target& target) {
  target.message.set(Property, one_line(target.field.value));
}

template <Tag<system_time> Property>
void set_time(const Target& target) {
  if (const auto time = parse_date(target.field.value)) {
    target.message.set(Property, *time);
  } else {
    target.lose(LossKind::dropped, "holds no date");
  }
}

void set_message_id(const Target& target) {
  const auto ids = id_list(one_line(target.field.value)).value;
  const auto id = ids.substr(0, ids.find(' '));
  if (!id.empty()) target.message.set(mapi::PR_INTERNET_MESSAGE_ID, id);
}

void set_thread_index(const Target& target) {
  const auto octets = decoded(target.field.value, ContentTransferEncoding::base64);
  const auto bytes = std::as_bytes(std::span(octets));
  target.message.set(mapi::PR_CONVERSATION_INDEX, mapi::Binary(bytes.begin(), bytes.end()));
}

struct Level {
  std::string_view word;
  std::int32_t value;
};

/// The value of the word at the front; nullopt if it is none of these.
template <std::size_t Size>
std::optional<std::int32_t> level(std::string_view text, const std::array<Level, Size>& levels) {
  const auto word = text.substr(0, text.find_first_of(" \t("));
  for (const auto& each : levels) {
    if (equals_ignoring_case(each.word, word)) return each.value;
  }
  return std::nullopt;
}

void set_importance(const Target& target) {
  constexpr std::array<Level, 7> levels{
      {{"low", 0}, {"non-urgent", 0}, {"normal", 1}, {"medium", 1}, {"high", 2}, {"urgent", 2}}};
  if (const auto value = level(target.field.value, levels)) {
    target.message.set(mapi::PR_IMPORTANCE, *value);
  }
}

/// Only where Importance does not say it.
void set_priority(const Target& target) {
  constexpr std::array<Level, 5> levels{{{"1", 2}, {"2", 2}, {"3", 1}, {"4", 0}, {"5", 0}}};
  if (target.message.get(mapi::PR_IMPORTANCE)) return;
  if (const auto value = level(target.field.value, levels)) {
    target.message.set(mapi::PR_IMPORTANCE, *value);
  }
}

void set_sensitivity(const Target& target) {
  constexpr std::array<Level, 4> levels{
      {{"personal", 1}, {"private", 2}, {"company-confidential", 3}, {"company", 3}}};
  if (const auto value = level(target.field.value, levels)) {
    target.message.set(mapi::PR_SENSITIVITY, *value);
  }
}

/// Phrases between commas, which may stand in quotation marks (RFC 5322 §3.6.5).
void set_keywords(const Target& target) {
  std::vector<std::string> keywords;
  std::string current;
  bool is_quoted = false;
  const auto add = [&] {
    auto keyword = text_value(trim(current));
    if (!keyword.empty()) keywords.push_back(std::move(keyword));
    current.clear();
  };
  for (std::string_view rest = target.field.value; !rest.empty(); rest.remove_prefix(1)) {
    if (rest.front() == '"') {
      is_quoted = !is_quoted;
    } else if (rest.front() == ',' && !is_quoted) {
      add();
    } else {
      if (rest.front() == '\\' && is_quoted && rest.size() > 1) rest.remove_prefix(1);
      current += rest.front();
    }
  }
  add();
  if (!keywords.empty()) {
    target.message.set({mapi::PS_PUBLIC_STRINGS, std::string("Keywords")}, std::move(keywords));
  }
}

void set_auto_response_suppress(const Target& target) {
  constexpr std::array<Level, 8> levels{{{"none", 0},
                                         {"all", -1},
                                         {"dr", 0x01},
                                         {"ndr", 0x02},
                                         {"rn", 0x04},
                                         {"nrn", 0x08},
                                         {"oof", 0x10},
                                         {"autoreply", 0x20}}};
  std::int32_t value = 0;
  for (std::string_view rest = target.field.value; !rest.empty();) {
    const auto comma = std::min(rest.find(','), rest.size());
    value |= level(trim(rest.substr(0, comma)), levels).value_or(0);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  target.message.set(mapi::PR_AUTO_RESPONSE_SUPPRESS, value);
}

void set_language(const Target& target) {
  const auto tag = std::string(trim(target.field.value.substr(0, target.field.value.find(','))));
  UErrorCode error = U_ZERO_ERROR;
  std::array<char, ULOC_FULLNAME_CAPACITY> locale{};
  std::int32_t parsed = 0;
  uloc_forLanguageTag(tag.c_str(), locale.data(), locale.size() - 1, &parsed, &error);
  const bool is_whole = static_cast<std::size_t>(std::max(parsed, 0)) == tag.size();
  const auto id = U_FAILURE(error) != 0 || !is_whole ? 0 : uloc_getLCID(locale.data());
  if (id != 0) {
    target.message.set(mapi::PR_MESSAGE_LOCALE_ID, static_cast<std::int32_t>(id));
  } else {
    target.lose(LossKind::dropped, "names no language that is known here");
  }
}

void set_flag(const Target& target) {
  target.message.set({mapi::PSETID_Common, std::uint32_t{0x8530}}, text_value(target.field.value));
}

void set_unsent(const Target& target) {
  if (trim(target.field.value) != "1") return;
  target.message.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNSENT);
}

void set_auto_forwarded(const Target& target) {
  target.message.set(mapi::PR_AUTO_FORWARDED,
                     equals_ignoring_case(trim(target.field.value), "true"));
}

/// In the syntax that composing expects of a field of this name.
std::string named_value(const HeaderField& field) {
  if (field_syntax(field.name) != FieldSyntax::addresses) {
    const bool is_text = field_syntax(field.name) == FieldSyntax::text ||
                         field_syntax(field.name) == FieldSyntax::list_id;
    return is_text ? text_value(field.value) : one_line(field.value);
  }
  std::string list;
  for (const auto& mailbox : address_list_value(field.value)) {
    list.append(list.empty() ? "" : ", ")
        .append(mailbox.name.empty() ? mailbox.address
                                     : quoted_string(mailbox.name) + " <" + mailbox.address + '>');
  }
  return list;
}

void set_named(const Target& target) {
  auto value = named_value(target.field);
  if (value.empty()) return;
  target.message.set({mapi::PS_INTERNET_HEADERS, target.field.name}, std::move(value));
}

/// Says what composing finds out for itself.
void pass_over(const Target&) {}

struct Rule {
  std::string_view name;
  void (*set)(const Target&);
};
constexpr std::array rules{
    Rule{"Date", set_time<mapi::PR_CLIENT_SUBMIT_TIME>},
    Rule{"From", set_from},
    Rule{"Sender", set_sender},
    Rule{"Reply-To", set_reply_to},
    Rule{"To", add_recipients<mapi::RecipientType::to>},
    Rule{"Cc", add_recipients<mapi::RecipientType::cc>},
    Rule{"Bcc", add_recipients<mapi::RecipientType::bcc>},
    Rule{"Message-ID", set_message_id},
    Rule{"In-Reply-To", set_plain<mapi::PR_IN_REPLY_TO_ID>},
    Rule{"References", set_plain<mapi::PR_INTERNET_REFERENCES>},
    Rule{"Subject", set_subject},
    Rule{"Thread-Topic", set_text<mapi::PR_CONVERSATION_TOPIC>},
    Rule{"Thread-Index", set_thread_index},
    Rule{"Importance", set_importance},
    Rule{"X-Priority", set_priority},
    Rule{"Sensitivity", set_sensitivity},
    Rule{"Keywords", set_keywords},
    Rule{"Disposition-Notification-To", set_read_receipt},
    Rule{"List-Help", set_plain<mapi::PR_LIST_HELP>},
    Rule{"List-Subscribe", set_plain<mapi::PR_LIST_SUBSCRIBE>},
    Rule{"List-Unsubscribe", set_plain<mapi::PR_LIST_UNSUBSCRIBE>},
    Rule{"Expires", set_time<mapi::PR_EXPIRY_TIME>},
    Rule{"Expiry-Date", set_time<mapi::PR_EXPIRY_TIME>},
    Rule{"X-Message-Flag", set_flag},
    Rule{"Reply-By", set_time<mapi::PR_REPLY_TIME>},
    Rule{"X-Auto-Response-Suppress", set_auto_response_suppress},
    Rule{"X-MS-Exchange-Organization-AutoForwarded", set_auto_forwarded},
    Rule{"X-Unsent", set_unsent},
    Rule{"MIME-Version", pass_over},
    Rule{"Content-Language", set_language},
    Rule{"Content-Class", set_named},
    Rule{"Content-Type", pass_over},
    Rule{"Content-Transfer-Encoding", pass_over},
    Rule{"Content-Disposition", pass_over},
    Rule{"Content-ID", pass_over},
    Rule{"Content-Location", pass_over},
    Rule{"Content-Description", pass_over},
};
/// Those of which a header may have several that say the same together (RFC 5322 §4.5.3).
constexpr std::array<std::string_view, 3> lists{"To", "Cc", "Bcc"};
/// What tells of the last journey; the whole header is kept beside the properties.
constexpr std::array<std::string_view, 10> of_a_journey{"Received",
                                                        "Return-Path",
                                                        "Delivered-To",
                                                        "DKIM-Signature",
                                                        "X-Received",
                                                        "ARC-Seal",
                                                        "Authentication-Results",
                                                        "Received-SPF",
                                                        "ARC-Message-Signature",
                                                        "ARC-Authentication-Results"};

template <std::size_t Size>
bool is_among(std::string_view name, const std::array<std::string_view, Size>& names) {
  return std::ranges::any_of(
      names, [name](std::string_view each) { return equals_ignoring_case(each, name); });
}

void set_senders(mapi::Message& message) {
  // Who sends for nobody else is both ([MS-OXOMSG] 2.2.1.51).
  if (!message.get(mapi::PR_SENDER_NAME)) {
    const auto address = mapi::smtp_address(message, mapi::sent_representing_group);
    const auto name = message.get_or(mapi::PR_SENT_REPRESENTING_NAME, "");
    if (address) {
      mapi::set_address(message, mapi::sender_group, *address, std::string(name));
    } else if (!name.empty()) {
      message.set(mapi::PR_SENDER_NAME, std::string(name));
    }
  }
}

}  // namespace

void set_header_properties(mapi::Message& message, const MailPart& mail, const Reading& reading) {
  std::set<std::string> seen;
  for (const auto& field : mail.fields) {
    const Target target{message, reading, field};
    const auto name = lower_case(field.name);
    if (is_among(name, of_a_journey)) continue;
    if (name.starts_with("resent-")) {
      target.lose(LossKind::dropped, "tells of an earlier sending and is left out");
      continue;
    }
    const bool is_first = seen.insert(name).second;
    if (!is_first && !is_among(name, lists)) {
      target.lose(LossKind::dropped, "stands there more than once; the first one is kept");
      continue;
    }
    const auto* rule = std::ranges::find_if(
        rules, [&](const Rule& each) { return equals_ignoring_case(each.name, name); });
    (rule == rules.end() ? set_named : rule->set)(target);
  }
  set_senders(message);
}

bool has_fields_of_a_journey(const MailPart& mail) {
  return std::ranges::any_of(of_a_journey,
                             [&](std::string_view name) { return !mail.field(name).empty(); });
}

}  // namespace postern::mime
