// How an attachment that was read is there (mapi-to-mime.md §6.1).
#pragma once

#include "mapi/message.h"

namespace postern::msg {

/// Makes PR_ATTACH_METHOD say how the attachment is there; one that is absent stays so.
void settle_method(mapi::Attachment& attachment, mapi::AttachMethod method);

/// What an attachment that holds nothing should hold; null for references.
const char* missing_part(mapi::AttachMethod method);

}  // namespace postern::msg
