// The content of a mail as bodies and attachments (mapi-to-mime.md §§4 to 6, from right to left).
#pragma once

#include <optional>
#include <vector>

#include "mapi/content.h"
#include "mapi/loss.h"
#include "mapi/message.h"
#include "mime/parse/mail_part.h"
#include "mime/read_message.h"

namespace postern::mime {

/// A mail that is being read.
struct Reading {
  const mapi::Content& mail;
  const ReadOptions& options;
  unsigned depth;  ///< 0, or of the message within messages
  std::vector<mapi::Loss>& losses;

  /// Tells a loss, of a hundred at most.
  void lose(mapi::Loss loss) const;
};

/// Sets PR_BODY, PR_HTML and the class, and adds attachments. What composing would not make again
/// is there a second time as it came, for composing (PR_POSTERN_ORIGINAL).
void set_content(mapi::Message& message, const MailPart& root, const Reading& reading);

/// The message that lies in the part. Nullopt: it is nested too deeply.
std::optional<mapi::Message> message_within(const MailPart& part, const Reading& reading);

}  // namespace postern::mime
