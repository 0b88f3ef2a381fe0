// read_tnef: a message out of a stream of attributes, in one pass. A broken part is told
// and the rest is kept (mapi-to-mime.md §1.5).
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "msg/compound/format_error.h"
#include "msg/compound/little_endian.h"
#include "msg/message/attached_object.h"
#include "msg/message/losses.h"
#include "msg/message/nesting.h"
#include "msg/property/message_texts.h"
#include "msg/tnef/attributes.h"
#include "msg/tnef/cursor.h"
#include "msg/tnef/legacy_attributes.h"
#include "msg/tnef/list_reader.h"
#include "msg/tnef_file.h"

namespace postern::msg {
namespace {

using mapi::LossKind;

/// Smaller data is copied: a slice of content that cannot go forward by itself costs as much as all
/// that lies before it.
constexpr std::uint64_t smallest_slice = 65'536;
constexpr std::size_t most_attachments = 10'000;  // as many as a mail can have

struct AttachmentDraft {
  LegacyProperties legacy{};
  bool is_ole = false;
};

/// A message while it is read.
struct Draft {
  std::string where;  ///< before each sentence about it
  int depth = 0;
  std::optional<int> parent_page;
  std::optional<int> code_page{};
  mapi::Message message{};
  RawMessage raw{};
  LegacyProperties legacy{};
  std::vector<AttachmentDraft> attachments{};

  [[nodiscard]] std::string attachment_name() const {
    return where + "attachment " + std::to_string(message.attachments.size()) + ": ";
  }
};

std::string name_of(std::uint32_t attribute) {
  std::string digits(8, '0');
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, attribute >>= 4U) {
    *digit = "0123456789ABCDEF"[attribute & 0xFU];
  }
  return "attribute " + digits;
}

class TnefReader {
 public:
  explicit TnefReader(const mapi::Content& content) : content_(content), cursor_(content) {}

  mapi::Message read_root() { return read_message({"", 0, std::nullopt}); }
  Losses& losses() { return losses_; }

 private:
  /// The region is a stream of its own. Throws FormatError if it does not begin as one.
  mapi::Message read_message(Draft draft);
  void read_attributes(Draft& draft);
  void read_attribute(Draft& draft, std::uint32_t id);
  void read_recipients(Draft& draft);
  void read_attachment_attribute(Draft& draft, std::uint32_t id);
  void read_object(Draft& draft, std::uint16_t type);
  /// What attAttachData holds beside an object is for programs that do not know objects.
  void read_data(mapi::Attachment& attachment);
  mapi::Content rest_of_region();
  void settle(Draft& draft);
  /// Returns what settle_legacy does.
  bool settle_attachment(Draft& draft, std::size_t number);

  void read_list(mapi::PropertyBag& bag, RawTexts& raw, const std::string& where,
                 const PropertyListReader::ReadData& read_data = {}) {
    PropertyListReader{cursor_, allowance_, losses_}.read(bag, raw, where, read_data);
  }

  mapi::Content content_;
  Cursor cursor_;
  Allowance allowance_;
  Losses losses_;
};

mapi::Message TnefReader::read_message(Draft draft) {
  if (draft.depth > deepest_message) throw TooComplex("it nests messages deeper than 32");
  if (cursor_.take<std::uint32_t>() != tnef_signature) throw FormatError("it is no TNEF");
  cursor_.take<std::uint16_t>();  // a key for references that nobody makes
  losses_.attempt(draft.where, "the rest", [&] { read_attributes(draft); });
  settle(draft);
  return std::move(draft.message);
}

void TnefReader::read_attributes(Draft& draft) {
  while (cursor_.left() > 0) {
    const auto level = cursor_.take<std::uint8_t>();
    const bool is_level = level == static_cast<std::uint8_t>(AttributeLevel::message) ||
                          level == static_cast<std::uint8_t>(AttributeLevel::attachment);
    if (!is_level) throw FormatError("it is no attribute");
    const auto id = cursor_.take<std::uint32_t>();
    const auto length = cursor_.take<std::uint32_t>();
    const auto sum_before = cursor_.sum();
    const auto outer_end = cursor_.enter(length);
    losses_.attempt(draft.where, name_of(id), [&] { read_attribute(draft, id); });
    cursor_.leave(outer_end);
    const auto sum = static_cast<std::uint16_t>(cursor_.sum() - sum_before);
    if (cursor_.take<std::uint16_t>() != sum) {
      losses_.tell(LossKind::damaged, draft.where, name_of(id) + " has a wrong checksum");
    }
  }
}

void TnefReader::read_attribute(Draft& draft, std::uint32_t id) {
  const auto is = [id](Attribute attribute) { return is_attribute(id, attribute); };
  if (is(Attribute::message_properties)) {
    read_list(draft.message, draft.raw.message, draft.where);
  } else if (is(Attribute::recipient_table)) {
    read_recipients(draft);
  } else if (is(Attribute::code_page)) {
    draft.code_page = static_cast<int>(cursor_.take<std::uint32_t>());
  } else if (is(Attribute::attach_rendering) || is(Attribute::attach_data) ||
             is(Attribute::attachment) || is(Attribute::attach_title) ||
             is(Attribute::attach_meta_file) || is(Attribute::attach_create_date) ||
             is(Attribute::attach_modify_date) || is(Attribute::attach_transport_filename)) {
    read_attachment_attribute(draft, id);
  } else {
    add_legacy(draft.legacy, id, cursor_.take(cursor_.left()));
  }
}

void TnefReader::read_recipients(Draft& draft) {
  const auto count = cursor_.take<std::uint32_t>();
  for (std::uint32_t i = 0; i < count; ++i) {
    allowance_.spend();
    auto& recipient = draft.message.recipients.emplace_back();
    auto& raw = draft.raw.recipients.emplace_back();
    read_list(recipient, raw, draft.where + "recipient " + std::to_string(i + 1) + ": ");
  }
}

void TnefReader::read_attachment_attribute(Draft& draft, std::uint32_t id) {
  if (is_attribute(id, Attribute::attach_rendering) || draft.message.attachments.empty()) {
    allowance_.spend();
    if (draft.message.attachments.size() == most_attachments) {
      throw TooComplex("it has more than 10,000 attachments");
    }
    draft.message.attachments.emplace_back();
    draft.raw.attachments.emplace_back();
    draft.attachments.emplace_back();
  }
  auto& attachment = draft.message.attachments.back();
  if (is_attribute(id, Attribute::attachment)) {
    read_list(attachment, draft.raw.attachments.back(), draft.attachment_name(),
              [&](std::uint16_t type) { read_object(draft, type); });
  } else if (is_attribute(id, Attribute::attach_data)) {
    read_data(attachment);
  } else {
    add_legacy(draft.attachments.back().legacy, id, cursor_.take(cursor_.left()));
  }
}

void TnefReader::read_object(Draft& draft, std::uint16_t type) {
  auto& attachment = draft.message.attachments.back();
  if (type != object_type) return read_data(attachment);
  mapi::Guid interface;
  cursor_.take_into(std::as_writable_bytes(std::span(interface.bytes)));
  if (interface == message_interface) {
    const auto where = draft.attachment_name();
    losses_.attempt(where, "the embedded message", [&] {
      attachment.embedded = std::make_shared<const mapi::Message>(read_message(
          {where, draft.depth + 1, draft.code_page ? draft.code_page : draft.parent_page}));
      attachment.data = {};
    });
  } else {
    attachment.data = rest_of_region();
    draft.attachments.back().is_ole = interface == storage_interface;
  }
}

void TnefReader::read_data(mapi::Attachment& attachment) {
  if (!attachment.embedded && attachment.data.size() == 0) attachment.data = rest_of_region();
}

mapi::Content TnefReader::rest_of_region() {
  const auto size = cursor_.left();
  if (size < smallest_slice) return mapi::Content::from_bytes(cursor_.take(size));
  const auto offset = cursor_.position();
  cursor_.skip(size);
  return content_.slice(offset, size);
}

void TnefReader::settle(Draft& draft) {
  bool is_time_guessed = settle_legacy(std::move(draft.legacy), draft.message, draft.raw.message);
  for (std::size_t i = 0; i < draft.attachments.size(); ++i) {
    is_time_guessed = settle_attachment(draft, i) || is_time_guessed;
  }
  if (is_time_guessed) {
    losses_.tell(LossKind::guessed, draft.where,
                 "nothing says in which time zone its times are; UTC is assumed");
  }
  const auto texts = decode_texts(draft.message, draft.raw, draft.parent_page, draft.code_page);
  for (const auto& [kind, sentence] : texts.losses) losses_.tell(kind, draft.where, sentence);
}

bool TnefReader::settle_attachment(Draft& draft, std::size_t number) {
  auto& attachment = draft.message.attachments[number];
  auto& [legacy, is_ole] = draft.attachments[number];
  const bool has_time = settle_legacy(std::move(legacy), attachment, draft.raw.attachments[number]);
  const auto method = is_ole ? mapi::AttachMethod::ole : mapi::attach_method(attachment);
  if (attachment.embedded || attachment.data.source()) {
    settle_method(attachment, method);
  } else if (const auto* what = missing_part(method)) {
    losses_.tell(LossKind::damaged, draft.where + "attachment " + std::to_string(number + 1) + ": ",
                 std::string(what) + " is missing");
  }
  return has_time;
}

bool is_empty(const mapi::Message& message) {
  return message.properties().empty() && message.named_properties().empty() &&
         message.recipients.empty() && message.attachments.empty();
}

mapi::Failure unreadable(mapi::Code code, const std::string& why) {
  return mapi::Failure(code, "the TNEF cannot be read as a message: " + why);
}

}  // namespace

bool begins_as_tnef(std::string_view octets) {
  const auto bytes = std::as_bytes(std::span(octets));
  return bytes.size() >= sizeof tnef_signature && load<std::uint32_t>(bytes, 0) == tnef_signature;
}

ReadResult read_tnef(const mapi::Content& content) {
  try {
    TnefReader reader(content);
    auto message = reader.read_root();
    if (is_empty(message)) throw FormatError("there is none in it");
    return {std::move(message), reader.losses().take()};
  } catch (const TooComplex& excess) {
    throw unreadable(mapi::MAPI_E_TOO_COMPLEX, excess.what());
  } catch (const FormatError& damage) {
    throw unreadable(mapi::MAPI_E_CORRUPT_DATA, damage.what());
  }
}

}  // namespace postern::msg
