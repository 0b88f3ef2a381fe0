// The table of addresses that make the catcher refuse, wait or close the connection.
//
// The name is the address's local part up to its first '.' or '+', without regard to case, so
// that `refuse-550.alice@example.org` and `refuse-550+1@example.org` are different addresses with
// the same behaviour. N is a decimal number.
//
//   refuse-N@       RCPT, or MAIL for a sender of that name, is answered with the code N (400-599)
//   refuse-data-N@  the content is read to its end, then refused with the code N
//   greylist@       450 4.7.1 at the first RCPT of each (sender, recipient), accepted afterwards
//   greylist-N@     the same for the first N times
//   drop@           the connection is closed instead of an answer to RCPT, or MAIL for a sender
//   drop-data@      the connection is closed in the middle of the content
//   drop-end@       the message is kept, but the connection is closed without the final reply
//   drop-N@, drop-data-N@, drop-end-N@   the same, for the first N times only
//   slow-N@         RCPT, or MAIL for a sender, is answered after N seconds (at most 600)
//
// A code 421 also closes the connection (RFC 5321 §3.8). Every other name is accepted. Behaviours
// of the content apply to the whole message: of several such recipients the first decides.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::catcher {

enum class Act { refuse, refuse_content, greylist, drop, drop_content, drop_end, wait };

struct Behaviour {
  Act act;
  int number;  ///< the reply code, the number of times (0: always) or the seconds
  friend bool operator==(const Behaviour&, const Behaviour&) = default;
};

/// The behaviour of a recipient's address; nullopt for an ordinary name or a number out of range.
std::optional<Behaviour> recipient_behaviour(std::string_view address);
/// The same for the sender's: refuse, drop and slow only.
std::optional<Behaviour> sender_behaviour(std::string_view address);

/// The stage of a transaction at which the catcher refuses.
enum class RefusalStage { mail, rcpt, content };

/// The text after the code of a refusal: enhanced status (RFC 3463) and a friendly sentence,
/// e.g. "5.1.1 <refuse-550@example.com>: no such user here".
std::string refusal_text(RefusalStage stage, int code, std::string_view address);

/// The table above for `--help`, one line per name.
std::string behaviour_table();

}  // namespace postern::catcher
