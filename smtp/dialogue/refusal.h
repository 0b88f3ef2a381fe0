// Whom a refusal is about, and so what follows from it: the one table of that
// (smtp/dialogue/refusal.cpp), each row with its source. What is about us (our name, our
// credentials, the order of our commands) is nobody's verdict: the operator has to act, and the
// mail waits. Refusals of parameters are told apart by refused_parameters (command.h), those before
// MAIL by smtp/connect/fault.h.
#pragma once

#include <string_view>

#include "base/outcome.h"
#include "smtp/dialogue/reply.h"

namespace postern::smtp {

/// What a reply 4yz or 5yz is about.
enum class RefusalSubject {
  recipient,        ///< of RCPT: this one's verdict
  message,          ///< or its sender or content: the verdict of all recipients of the transaction
  recipient_count,  ///< the transaction has too many: go on in smaller ones
  flight,           ///< commands that were sent together: once more, one after the other
  sequence,         ///< the order of our commands, which were sent one by one: an operator's
  our_name,         ///< that of EHLO: an operator's
  credentials,      ///< none, or not those that are needed: an operator's
};

/// What went before a refusal in its transaction.
struct Before {
  bool pipelined = false;      ///< commands are sent before the replies to those before them
  std::size_t recipients = 0;  ///< of the transaction that were not refused
  std::size_t accepted = 0;    ///< of them by a reply
  bool limit_reached = false;  ///< a recipient was refused as one too many
};

/// `stage`: mail, rcpt, data, content or end.
RefusalSubject subject_of(Stage stage, const Reply& reply, const Before& before);

/// Whether the text or the status says that the recipients are too many; a bare code does not.
bool says_too_many_recipients(const Reply& reply);

/// Whether the text is about the name of EHLO.
bool says_our_name(const Reply& reply);

/// A refusal of BDAT itself, by a server that offered CHUNKING: the message is to go by DATA.
bool is_unknown_command(const Reply& reply);

[[nodiscard]] constexpr bool is_about_us(RefusalSubject subject) {
  return subject == RefusalSubject::sequence || subject == RefusalSubject::our_name ||
         subject == RefusalSubject::credentials;
}

/// What an operator can do about a subject that is about us: half a sentence.
std::string_view advice_about(RefusalSubject subject);

}  // namespace postern::smtp
