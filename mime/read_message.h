// Reads a mail (RFC 5322, MIME) as a message object: mapi-to-mime.md from right to left
// ([MS-OXCMAIL] 2.2).
//
// The result is what compose() makes the same mail of again: text and HTML, recipients, the
// properties of the header, attachments, messages within the mail as embedded ones. Signed,
// encrypted and reporting mails get the class that such objects have. What an object has no place
// for (other structures, parameters of a text, a signature within) is kept as it came in an
// attachment of its own (PR_POSTERN_ORIGINAL), and composed octet for octet.
//
// The mail is read once, in linear time; headers and the texts are held in memory, attachments lie
// in the mail, which must stay readable as long as the message. Hostile structure is refused.
//
// Errors: mapi::Failure(MAPI_E_TOO_COMPLEX), one sentence: more than 10,000 parts, nested deeper
// than 100, headers over 8 MiB. What reading the mail throws passes through. Threads: may be called
// from any threads at the same time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mapi/content.h"
#include "mapi/loss.h"
#include "mapi/message.h"

#pragma GCC visibility push(default)
namespace postern::mime {

struct ReadOptions {
  /// Completes addresses without a domain, as local programs write them (RFC 5321 §2.3.5); empty:
  /// they stay unresolved.
  std::string domain;
};

struct ReadMessage {
  mapi::Message message;
  /// What is not in the object, or was guessed.
  std::vector<mapi::Loss> losses;
};

ReadMessage read_message(const mapi::Content& mail, const ReadOptions& options = {});

/// Whether the octets, the first of a file, begin a mail: fields, the first line an mbox line
/// perhaps, one of them with a name that mails have.
bool begins_as_mail(std::string_view octets);

}  // namespace postern::mime
#pragma GCC visibility pop
