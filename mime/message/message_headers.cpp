#include "mime/message/message_headers.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include <unicode/uloc.h>

#include "base/base64.h"
#include "base/text.h"
#include "mapi/property_tags.h"
#include "mime/context/message_class.h"
#include "mime/header/date.h"
#include "mime/header/field_syntax.h"
#include "mime/header/header_block.h"
#include "mime/header/header_encoding.h"
#include "mime/named_headers.h"
#include "mime/original.h"

namespace postern::mime {
namespace {

using mapi::LossKind;
using mapi::Tag;
using enum mapi::PropertyType;

// Of fax and voice messages ([MS-OXPROPS]); used nowhere else.
constexpr Tag<int32> PR_VOICE_MESSAGE_DURATION{0x6801};
constexpr Tag<unicode> PR_SENDER_TELEPHONE_NUMBER{0x6802};
constexpr Tag<unicode> PR_VOICE_MESSAGE_SENDER_NAME{0x6803};
constexpr Tag<int32> PR_FAX_NUMBER_OF_PAGES{0x6804};
constexpr Tag<unicode> PR_VOICE_MESSAGE_ATTACHMENT_ORDER{0x6805};
constexpr Tag<unicode> PR_CALL_ID{0x6806};
constexpr Tag<unicode> PR_ORIGINAL_MESSAGE_ID{0x1046};  ///< of read reports

/// One token without a blank must leave room on its line (RFC 5322 §2.1.1).
constexpr std::size_t longest_token = 900;

mapi::Loss loss_in(std::string_view field, bool is_partial) {
  const auto name = "the header field " + std::string(field);
  const auto part = mapi::header_part(field);
  if (is_partial) {
    return {LossKind::dropped, part,
            name + " holds what its syntax has no place for, which is left out"};
  }
  return {LossKind::dropped, part, name + " cannot be written in its syntax and is left out"};
}

struct Source {
  const mapi::Message& message;
  const HeaderValues& values;
  ComposeContext& context;
  std::string_view name;

  /// Text for this header.
  [[nodiscard]] std::string text(std::string_view value) const {
    if (value.empty()) return {};
    return encode_unstructured(value, name.size() + 2);
  }
  [[nodiscard]] std::string text(Tag<unicode> tag) const { return text(message.get_or(tag, "")); }
  /// In the syntax of this header.
  [[nodiscard]] std::string field(std::string_view value) const {
    if (value.empty()) return {};
    auto [written, is_lossy] = field_value(name, value, context.options.smtputf8);
    if (is_lossy) context.tell(loss_in(name, !written.empty()));
    return std::move(written);
  }
  [[nodiscard]] std::string field(Tag<unicode> tag) const { return field(message.get_or(tag, "")); }
  [[nodiscard]] std::string addresses(const std::vector<Mailbox>& mailboxes) const {
    return address_list(name, mailboxes);
  }
  [[nodiscard]] std::string address(const std::optional<Mailbox>& mailbox) const {
    return mailbox ? addresses({*mailbox}) : "";
  }
};

mapi::PropertyName common(std::uint32_t number) {
  return {mapi::PSETID_Common, number};
}

bool is_true(const mapi::Message& message, const mapi::PropertyName& name) {
  const auto* value = message.find(name);
  const auto* flag = value == nullptr ? nullptr : std::get_if<bool>(value);
  return flag != nullptr && *flag;
}

std::string to_date(const mapi::Message& message, Tag<system_time> tag) {
  const auto time = message.get(tag);
  return time ? date(*time).value_or("") : "";
}

/// Without U+0001 and the prefix length after it, which some clients store in front.
std::string_view without_prefix_mark(std::string_view subject) {
  if (!subject.starts_with('\x01')) return subject;
  subject.remove_prefix(1);
  std::size_t length = subject.empty() ? 0 : 1;
  while (length < subject.size() && (static_cast<unsigned char>(subject[length]) & 0xC0U) == 0x80) {
    ++length;
  }
  return subject.substr(length);
}

}  // namespace

std::string subject(const mapi::Message& message) {
  std::string whole(without_prefix_mark(message.get_or(mapi::PR_SUBJECT, "")));
  const auto normalized = message.get(mapi::PR_NORMALIZED_SUBJECT);
  if (!normalized || (!whole.empty() && whole.ends_with(*normalized))) return whole;
  return std::string(message.get_or(mapi::PR_SUBJECT_PREFIX, "")) + std::string(*normalized);
}

namespace {

/// `<left@right>`, one line can hold it.
bool is_message_id(std::string_view text) {
  const auto at = text.find('@');
  return text.size() <= longest_token && text.starts_with('<') && text.ends_with('>') && at > 1 &&
         at != std::string_view::npos && at + 2 < text.size() && is_printable_ascii(text) &&
         text.find_first_of(" <>", 1) == text.size() - 1;
}

/// 0 low, 1 normal, 2 high; from PR_PRIORITY (-1, 0, 1) if only that is there.
int importance(const mapi::Message& message) {
  if (const auto value = message.get(mapi::PR_IMPORTANCE)) return *value;
  return message.get_or(mapi::PR_PRIORITY, 0) + 1;
}

/// Row of a table indexed by a value; empty outside of it.
template <std::size_t Size>
std::string choose(const std::array<std::string_view, Size>& names, int index) {
  const bool inside = index >= 0 && static_cast<std::size_t>(index) < Size;
  return inside ? std::string(names[static_cast<std::size_t>(index)]) : "";
}

/// Pieces that can be folded apart; readers ignore blanks in base64.
std::string thread_index(const mapi::Message& message) {
  constexpr std::size_t piece = 60;
  const auto* index = message.get(mapi::PR_CONVERSATION_INDEX);
  const auto encoded = index == nullptr ? "" : base64(*index);
  std::string value;
  for (std::size_t at = 0; at < encoded.size(); at += piece) {
    if (at > 0) value += ' ';
    value += encoded.substr(at, piece);
  }
  return value;
}

/// Of a thread without end the first id and the last ones: servers cut or refuse long fields.
std::string references(const Source& source) {
  constexpr std::size_t longest = std::size_t{32} << 10U;
  auto ids = source.field(mapi::PR_INTERNET_REFERENCES);
  if (ids.size() <= longest) return ids;
  source.context.tell({LossKind::dropped, mapi::header_part(source.name),
                       "the header field References is too long; only its first id and its last "
                       "ones are kept"});
  const auto first = ids.substr(0, ids.find(' '));
  const auto last = ids.find(' ', ids.size() - (longest - first.size()));
  return first + ids.substr(std::min(last, ids.size()));
}

std::string keywords(const Source& source) {
  const auto* value =
      source.message.find(mapi::PropertyName{mapi::PS_PUBLIC_STRINGS, std::string("Keywords")});
  const auto* list = value == nullptr ? nullptr : std::get_if<std::vector<std::string>>(value);
  std::string result;
  if (list == nullptr) return result;
  for (const auto& keyword : *list) {
    const auto phrase = encode_phrase(keyword, result.empty() ? source.name.size() + 2 : 1);
    if (!phrase.empty()) result.append(result.empty() ? "" : ", ").append(phrase);
  }
  return result;
}

std::string auto_response_suppress(const Source& source) {
  struct Bit {
    std::int32_t bit;
    std::string_view name;
  };
  constexpr std::array<Bit, 6> bits{{{0x01, "DR"},
                                     {0x02, "NDR"},
                                     {0x04, "RN"},
                                     {0x08, "NRN"},
                                     {0x10, "OOF"},
                                     {0x20, "AutoReply"}}};
  const auto value = source.message.get_or(mapi::PR_AUTO_RESPONSE_SUPPRESS, 0);
  if (value == -1) return "All";
  std::string result;
  for (const auto& [bit, name] : bits) {
    if ((value & bit) != 0) result.append(result.empty() ? "" : ", ").append(name);
  }
  return result;
}

/// LCID to language tag; empty for neutral, user-defined and unknown ones.
std::string content_language(const Source& source) {
  constexpr std::int32_t language_bits = 0x3FF;
  constexpr std::int32_t invariant = 0x7F;
  const auto locale = source.message.get_or(mapi::PR_MESSAGE_LOCALE_ID, 0);
  if ((locale & language_bits) == 0 || locale == invariant || locale < 0) return {};
  UErrorCode error = U_ZERO_ERROR;
  std::array<char, ULOC_FULLNAME_CAPACITY> name{};
  std::array<char, ULOC_FULLNAME_CAPACITY> tag{};
  uloc_getLocaleForLCID(static_cast<std::uint32_t>(locale), name.data(), name.size() - 1, &error);
  const auto size = U_FAILURE(error) != 0
                        ? 0
                        : uloc_toLanguageTag(name.data(), tag.data(), tag.size(), 1, &error);
  return U_FAILURE(error) != 0 ? "" : std::string(tag.data(), static_cast<std::size_t>(size));
}

/// Of fax and voice classes; empty for others.
std::string_view telephony_class(std::string_view message_class) {
  struct Row {
    std::string_view suffix;
    std::string_view content_class;
  };
  constexpr std::array<Row, 6> rows{{{"Microsoft.Fax", "fax"},
                                     {"Microsoft.Fax.CA", "fax-ca"},
                                     {"Microsoft.Missed.Voice", "missedcall"},
                                     {"Microsoft.Conversation.Voice", "voice-uc"},
                                     {"Microsoft.Voicemail.UM.CA", "voice-ca"},
                                     {"Microsoft.Voicemail.UM", "voice"}}};
  for (const auto& row : rows) {
    if (has_class_suffix(message_class, row.suffix)) return row.content_class;
  }
  return {};
}

std::string content_class(const Source& source) {
  constexpr std::string_view custom = "IPM.Note.Custom";
  constexpr std::string_view form = "IPM.InfoPathForm";
  const auto message_class = class_of(source.message);
  if (const auto name = telephony_class(message_class); !name.empty()) return std::string(name);
  if (is_class(message_class, custom) && message_class.size() > custom.size()) {
    return source.text("urn:content-class:custom" +
                       std::string(message_class.substr(custom.size())));
  }
  if (is_class(message_class, form) && message_class.size() > form.size()) {
    const auto rest = message_class.substr(form.size() + 1);
    const auto name = source.message.get_text(common(0x85B1)).value_or("");
    return source.text("InfoPathForm." + std::string(rest.substr(0, rest.find('.'))) + '.' +
                       std::string(name));
  }
  return source.text(named_header(source.message, "Content-Class"));
}

std::string telephony_text(const Source& source, Tag<unicode> tag) {
  const auto value = source.message.get(tag);
  return !value || telephony_class(class_of(source.message)).empty() ? "" : source.text(*value);
}

std::string telephony_number(const Source& source, Tag<int32> tag) {
  const auto value = source.message.get(tag);
  return !value || telephony_class(class_of(source.message)).empty() ? "" : std::to_string(*value);
}

std::string classification(const Source& source, std::uint32_t number) {
  if (!is_true(source.message, common(0x85B5))) return {};
  return source.text(source.message.get_text(common(number)).value_or(""));
}

std::string classification_flag(const Source& source, std::uint32_t number) {
  return is_true(source.message, common(0x85B5)) && is_true(source.message, common(number)) ? "true"
                                                                                            : "";
}

/// Whom a delivery report is sent to: its envelope, if that is a row of its own, else the receiver
/// that it names (§2.5).
std::optional<Mailbox> report_receiver(const Source& source) {
  if (!is_delivery_report_class(class_of(source.message))) return std::nullopt;
  const auto& options = source.context.options;
  for (const auto& row : source.message.recipients) {
    if (mapi::recipient_type(row) != mapi::RecipientType::p1) continue;
    if (auto found = mailbox(row, mapi::recipient_group, options)) return found;
  }
  if (auto found = mailbox(source.message, mapi::rcvd_representing_group, options)) return found;
  return mailbox(source.message, mapi::received_by_group, options);
}

std::string to(const Source& source) {
  if (const auto receiver = report_receiver(source)) return source.addresses({*receiver});
  return source.addresses(recipients(source.message, mapi::RecipientType::to, source.context));
}

std::string cc(const Source& source) {
  if (report_receiver(source)) return {};
  return source.addresses(recipients(source.message, mapi::RecipientType::cc, source.context));
}

/// Blind copies are the envelope's; a file may have them if its reader asks.
std::string bcc(const Source& source) {
  const auto& options = source.context.options;
  const bool is_embedded = source.values.is_embedded;
  if (!options.is_file && !is_embedded) return {};
  const auto is_blind = [](const mapi::Recipient& row) {
    return mapi::recipient_type(row) == mapi::RecipientType::bcc;
  };
  if (options.with_bcc && !is_embedded) {
    return source.addresses(recipients(source.message, mapi::RecipientType::bcc, source.context));
  }
  const auto count = std::ranges::count_if(source.message.recipients, is_blind);
  // Those of meetings are rooms, which the calendar names (§7.2).
  const auto message_class = class_of(source.message);
  const bool is_meeting =
      is_class(message_class, "IPM.Schedule.Meeting") || is_class(message_class, "IPM.Appointment");
  if (count != 0 && !is_meeting) {
    source.context.tell(
        {LossKind::dropped, mapi::header_part("Bcc"),
         std::to_string(count) +
             (count == 1 ? " recipient of a blind copy is" : " recipients of blind copies are") +
             " left out"});
  }
  return {};
}

std::string disposition_notification_to(const Source& source) {
  if (!source.message.get_or(mapi::PR_READ_RECEIPT_REQUESTED, false)) return {};
  const auto& options = source.context.options;
  const mapi::ExchangeAddresses known(source.message);
  for (const auto& group :
       {mapi::read_receipt_group, mapi::sent_representing_group, mapi::sender_group}) {
    if (const auto found = mailbox(known, source.message, group, options)) {
      return source.address(found);
    }
  }
  source.context.tell({LossKind::dropped, mapi::header_part(source.name),
                       "a read receipt is asked for and no address is known to which it could go; "
                       "nobody is asked"});
  return {};
}

std::string auto_submitted(const Source& source) {
  return is_report_class(class_of(source.message)) ? "auto-replied" : "";
}

std::string unsent(const Source& source) {
  const auto flags = source.message.get_or(mapi::PR_MESSAGE_FLAGS, 0);
  const bool is_kept = source.values.is_embedded || source.context.options.is_file;
  return is_kept && (flags & mapi::MSGFLAG_UNSENT) != 0 ? "1" : "";
}

/// Attachments, or files that were made of something else. Of content that is sent as it came, only
/// the mail itself can say it: most of its parts are no files.
std::string has_attach(const Source& source) {
  const auto extents = [&](auto is_wanted) {
    return std::ranges::any_of(source.message.attachments,
                               [&](const auto& each) { return is_wanted(original_extent(each)); });
  };
  if (extents([](auto extent) { return extent == OriginalExtent::content; })) return {};
  return extents([](auto extent) { return !extent; }) || source.values.has_files ? "yes" : "";
}

std::string reply_by(const Source& source) {
  const bool flagged = !source.message.get_text(common(0x8530)).value_or("").empty();
  return flagged ? to_date(source.message, mapi::PR_REPLY_TIME) : "";
}

struct Rule {
  std::string_view name;
  std::string (*value)(const Source&);  ///< encoded; empty: no header
};
/// The table of §3.1, in the order of output.
constexpr std::array rules{
    Rule{"Date", [](const Source& s) { return s.values.date; }},
    Rule{"From", [](const Source& s) { return s.address(s.values.originators.from); }},
    Rule{"Sender", [](const Source& s) { return s.address(s.values.originators.sender); }},
    Rule{"Reply-To", [](const Source& s) { return s.addresses(reply_to(s.message, s.context)); }},
    Rule{"To", to},
    Rule{"Cc", cc},
    Rule{"Bcc", bcc},
    Rule{"Message-ID", [](const Source& s) { return s.values.message_id; }},
    Rule{"In-Reply-To", [](const Source& s) { return s.field(mapi::PR_IN_REPLY_TO_ID); }},
    Rule{"References", references},
    Rule{"Subject", [](const Source& s) { return s.text(subject(s.message)); }},
    Rule{"Thread-Topic", [](const Source& s) { return s.text(mapi::PR_CONVERSATION_TOPIC); }},
    Rule{"Thread-Index", [](const Source& s) { return thread_index(s.message); }},
    Rule{"Importance",
         [](const Source& s) {
           return choose(std::array<std::string_view, 3>{"Low", "", "High"}, importance(s.message));
         }},
    Rule{"X-Priority",
         [](const Source& s) {
           return choose(std::array<std::string_view, 3>{"5", "", "1"}, importance(s.message));
         }},
    Rule{"Sensitivity",
         [](const Source& s) {
           return choose(
               std::array<std::string_view, 4>{"", "Personal", "Private", "Company-Confidential"},
               s.message.get_or(mapi::PR_SENSITIVITY, 0));
         }},
    Rule{"Keywords", keywords},
    Rule{"Disposition-Notification-To", disposition_notification_to},
    Rule{"List-Help", [](const Source& s) { return s.field(mapi::PR_LIST_HELP); }},
    Rule{"List-Subscribe", [](const Source& s) { return s.field(mapi::PR_LIST_SUBSCRIBE); }},
    Rule{"List-Unsubscribe", [](const Source& s) { return s.field(mapi::PR_LIST_UNSUBSCRIBE); }},
    Rule{"Expires", [](const Source& s) { return to_date(s.message, mapi::PR_EXPIRY_TIME); }},
    Rule{"X-Message-Flag",
         [](const Source& s) { return s.text(s.message.get_text(common(0x8530)).value_or("")); }},
    Rule{"Reply-By", reply_by},
    Rule{"Auto-Submitted", auto_submitted},
    Rule{"X-Auto-Response-Suppress", auto_response_suppress},
    Rule{"X-MS-Exchange-Organization-AutoForwarded",
         [](const Source& s) {
           return std::string(s.message.get_or(mapi::PR_AUTO_FORWARDED, false) ? "true" : "");
         }},
    Rule{"X-MS-Has-Attach", has_attach},
    Rule{"X-Unsent", unsent},
    Rule{"X-CallingTelephoneNumber",
         [](const Source& s) { return telephony_text(s, PR_SENDER_TELEPHONE_NUMBER); }},
    Rule{"X-VoiceMessageDuration",
         [](const Source& s) { return telephony_number(s, PR_VOICE_MESSAGE_DURATION); }},
    Rule{"X-VoiceMessageSenderName",
         [](const Source& s) { return telephony_text(s, PR_VOICE_MESSAGE_SENDER_NAME); }},
    Rule{"X-FaxNumberOfPages",
         [](const Source& s) { return telephony_number(s, PR_FAX_NUMBER_OF_PAGES); }},
    Rule{"X-AttachmentOrder",
         [](const Source& s) { return telephony_text(s, PR_VOICE_MESSAGE_ATTACHMENT_ORDER); }},
    Rule{"X-CallID", [](const Source& s) { return telephony_text(s, PR_CALL_ID); }},
    Rule{"X-Microsoft-Classified", [](const Source& s) { return classification_flag(s, 0x85B5); }},
    Rule{"X-Microsoft-ClassKeep", [](const Source& s) { return classification_flag(s, 0x85BA); }},
    Rule{"X-Microsoft-Classification", [](const Source& s) { return classification(s, 0x85B6); }},
    Rule{"X-Microsoft-ClassDesc", [](const Source& s) { return classification(s, 0x85B7); }},
    Rule{"X-Microsoft-ClassID", [](const Source& s) { return classification(s, 0x85B8); }},
    Rule{"X-Payload-Class", [](const Source& s) { return s.text(mapi::PR_ATTACH_PAYLOAD_CLASS); }},
    Rule{"X-Payload-Provider-GUID",
         [](const Source& s) { return s.text(mapi::PR_ATTACH_PAYLOAD_PROV_GUID_STR); }},
};
/// After the arbitrary headers, before those of the content.
constexpr std::array last_rules{
    Rule{"MIME-Version", [](const Source&) { return std::string("1.0"); }},
    Rule{"Content-Language", content_language},
    Rule{"Content-Class", content_class},
};

bool is_content_rule(std::string_view name) {
  return std::any_of(last_rules.begin(), last_rules.end(),
                     [name](const Rule& rule) { return equals_ignoring_case(rule.name, name); });
}

}  // namespace

std::vector<HeaderField> message_headers(const mapi::Message& message, const HeaderValues& values,
                                         ComposeContext& context) {
  std::vector<HeaderField> fields;
  auto named = named_headers(message, values.is_embedded, context.options.smtputf8);
  std::unordered_set<std::string> names;  // of the fields, in lower case, for many named ones
  const auto add = [&](HeaderField field) {
    if (!named.empty()) names.insert(lower_case(field.name));
    fields.push_back(std::move(field));
  };
  const auto add_named = [&](NamedHeader& header) {
    auto& [field, is_lossy] = header;
    if (names.contains(lower_case(field.name)) || is_content_rule(field.name)) return;
    if (is_lossy) context.tell(loss_in(field.name, !field.value.empty()));
    is_lossy = false;
    if (!field.value.empty()) add(std::move(field));
  };
  // A property comes before the named header that says the same; either stands in one place.
  const auto apply = [&](const Rule& rule) {
    auto value = rule.value({message, values, context, rule.name});
    if (!value.empty()) {
      add({std::string(rule.name), std::move(value)});
      return;
    }
    const auto same = std::ranges::find_if(named, [&](const NamedHeader& each) {
      return equals_ignoring_case(each.field.name, rule.name);
    });
    if (same != named.end()) add_named(*same);
  };
  tell_recipients_of_no_type(message, context);
  std::for_each(rules.begin(), rules.end(), apply);
  std::for_each(named.begin(), named.end(), add_named);
  const bool is_addressed = std::ranges::any_of(fields, [](const HeaderField& field) {
    return equals_ignoring_case(field.name, "To") || equals_ignoring_case(field.name, "Cc");
  });
  if (!values.is_embedded && !is_addressed) {
    constexpr std::array<std::string_view, 4> before{"Date", "From", "Sender", "Reply-To"};
    const auto behind_originators =
        std::find_if_not(fields.begin(), fields.end(), [&](const HeaderField& field) {
          return std::ranges::find(before, field.name) != before.end();
        });
    fields.insert(behind_originators, {"To", "undisclosed-recipients:;"});
  }
  std::for_each(last_rules.begin(), last_rules.end(), apply);
  return fields;
}

std::string submit_date(const mapi::Message& message) {
  auto written = one_line(message.get_or(mapi::PR_POSTERN_HEADER_DATE, ""));
  const bool is_date = !written.empty() && written.size() <= longest_token &&
                       is_printable_ascii(written) && parse_date(written);
  return is_date ? std::move(written) : to_date(message, mapi::PR_CLIENT_SUBMIT_TIME);
}

std::string stored_date(const mapi::Message& message) {
  std::string text;
  for (const auto tag : {mapi::PR_CLIENT_SUBMIT_TIME, mapi::PR_MESSAGE_DELIVERY_TIME,
                         mapi::PR_CREATION_TIME, mapi::PR_LAST_MODIFICATION_TIME}) {
    if (text.empty()) text = to_date(message, tag);
  }
  return text;
}

std::string date_in_transport_headers(const mapi::Message& message) {
  const auto block = parse_header_block(message.get_or(mapi::PR_TRANSPORT_MESSAGE_HEADERS, ""));
  const auto* field = find_field(block, "Date");
  const auto time = field == nullptr ? std::nullopt : parse_date(field->value);
  return time ? date(*time).value_or("") : "";
}

std::string stored_message_id(const mapi::Message& message) {
  std::string id(trim(message.get_or(mapi::PR_INTERNET_MESSAGE_ID, "")));
  if (!id.starts_with('<')) id.insert(0, 1, '<');
  if (!id.ends_with('>')) id += '>';
  return is_message_id(id) ? id : "";
}

std::string original_message_id(const mapi::Message& report) {
  for (const auto tag : {PR_ORIGINAL_MESSAGE_ID, mapi::PR_IN_REPLY_TO_ID}) {
    const auto ids = id_list(report.get_or(tag, "")).value;
    if (!ids.empty()) return ids.substr(0, ids.find(' '));
  }
  return {};
}

std::vector<HeaderField> payload_fields(const mapi::PropertyBag& bag) {
  std::vector<HeaderField> fields;
  const auto add = [&](std::string_view name, Tag<unicode> tag) {
    auto value = encode_unstructured(bag.get_or(tag, ""), name.size() + 2);
    if (!value.empty()) fields.push_back({std::string(name), std::move(value)});
  };
  add("X-Payload-Class", mapi::PR_ATTACH_PAYLOAD_CLASS);
  add("X-Payload-Provider-GUID", mapi::PR_ATTACH_PAYLOAD_PROV_GUID_STR);
  return fields;
}

}  // namespace postern::mime
