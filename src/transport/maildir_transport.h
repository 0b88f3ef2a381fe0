// The Maildir transport provider: puts MIME messages into Maildirs, one file for each recipient
// (https://cr.yp.to/proto/maildir.html).
//
// For the address type SMTP. A file is written in tmp, brought to the disk, and renamed into new;
// it begins with Return-Path and Delivered-To, and its lines end with LF. Its name is made of the
// message's entry id, submit time and recipient row: what a crash has interrupted is written again
// under the same name, and what was delivered is not delivered twice while it still lies in new or
// cur.
//
// A full disk, a missing directory or a lack of permission is nobody's verdict: the mail waits, and
// the operator gets a sentence. A mailbox over its quota is tried again on the spooler's schedule.
//
// Directories and files get the rights of this process only (0700, 0600). It must not have more
// rights than whoever may change the directories: a Maildir is found by its path.
//
// Errors, threads and lifetimes are those of mapi/transport.h. Writing blocks one thread of the
// spooler's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mapi/transport.h"
#include "smime/preprocessor.h"

#pragma GCC visibility push(default)
namespace postern::transport {

/// Where the transport puts mail.
struct MaildirTransportOptions {
  /// The Maildir of a recipient, as an absolute path in which "{domain}" and "{local}" stand for
  /// the parts of the address: "/var/mail/{domain}/{local}". Without them it is one Maildir for
  /// all. What lies behind the first directory with such a part, itself included, is made when it
  /// is needed, or the last directory where there is none; what lies before it must exist.
  ///
  /// The domain is written in A-labels, the local part in lower case (ASCII) and without its
  /// quotes; what could be no part of a file name is percent-encoded.
  std::string mailbox;
  /// As operators know it (PR_DISPLAY_NAME in the status table); empty: the mailbox.
  std::string name{};
  std::vector<std::string> domains{};          ///< as SmtpTransportOptions::domains
  std::string message_id_domain{};             ///< as SmtpTransportOptions::message_id_domain
  std::optional<std::string> default_from{};   ///< the From of messages without a sender
  std::optional<smime::SmimeOptions> smime{};  ///< as SmtpTransportOptions::smime
};

/// Throws std::invalid_argument with one sentence if the options cannot be used. Whether the
/// directory can be written to shows with the first message.
std::unique_ptr<mapi::XPProvider> make_maildir_transport(MaildirTransportOptions options);

}  // namespace postern::transport
#pragma GCC visibility pop
