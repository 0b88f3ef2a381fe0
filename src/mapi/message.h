// A message object as a value: properties, recipients, attachments.
//
// Copying a Message copies its properties; attachment data and embedded messages are shared,
// immutable sources, so a copy is cheap whatever the size of the attachments. A value has no thread
// rules but those of C++: concurrent reads are fine.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "mapi/content.h"
#include "mapi/property_bag.h"

#pragma GCC visibility push(default)
namespace postern::mapi {

struct Message;

/// PR_RECIPIENT_TYPE (mapi-submission.md §11).
enum class RecipientType : std::int32_t {
  originator = 0,
  to = 1,
  cc = 2,
  bcc = 3,
  p1 = 0x10000000
};

/// Set in PR_RECIPIENT_TYPE of recipients that already have a message that is being resent (§10).
inline constexpr std::int32_t MAPI_SUBMITTED = static_cast<std::int32_t>(0x80000000U);

/// One row of the recipient table.
struct Recipient : PropertyBag {
  friend bool operator==(const Recipient&, const Recipient&) = default;
};

/// The recipient type without its flags (mapi-to-mime.md §2.1): masked with 0x0F; `p1` for a P1
/// row; To for unknown values and for rows with an address but no type; nullopt otherwise.
std::optional<RecipientType> recipient_type(const Recipient& recipient);

/// PR_ATTACH_METHOD ([MS-OXCMSG] 2.2.2.9).
enum class AttachMethod : std::int32_t {
  none = 0,
  by_value = 1,
  by_reference = 2,
  by_reference_resolve = 3,
  by_reference_only = 4,
  embedded_message = 5,
  ole = 6,
  by_web_reference = 7,
};

/// Whether the attachment only says where the file is.
bool is_reference(AttachMethod method);

/// One attachment. `data` holds PR_ATTACH_DATA_BIN (by value) or a compound file made of the OLE
/// storage; `embedded` is an attached message.
struct Attachment : PropertyBag {
  Content data;
  std::shared_ptr<const Message> embedded;
};

/// How the attachment is there: what it holds is a fact, PR_ATTACH_METHOD a hint. The property
/// tells an OLE object from a file, and which method an attachment that holds nothing was meant to
/// have.
AttachMethod attach_method(const Attachment& attachment);

/// Whether both have the same content and embed the same message, whatever their properties.
bool has_same_content(const Attachment& left, const Attachment& right);

/// A message: its properties, recipient table and attachments.
struct Message : PropertyBag {
  std::vector<Recipient> recipients;
  std::vector<Attachment> attachments;
};

/// A by-value attachment with its file name and optional MIME type.
Attachment make_attachment(std::string_view file_name, Content data,
                           std::string_view mime_type = {});
/// An embedded message as an attachment.
Attachment make_attachment(Message embedded);

}  // namespace postern::mapi
#pragma GCC visibility pop
