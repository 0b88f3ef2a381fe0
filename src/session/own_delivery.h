// Delivery by a store to its own mailboxes (a tightly coupled store, mapi-submission.md §§1, 3.3):
// which recipients are its own, and what lies in their mailboxes afterwards.
//
// Functions of values, the same for every store: it creates what `deliver_own` returns in the
// commit that queues the message, so that nothing is lost or delivered twice. They throw nothing
// but what `own` throws.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mapi/error.h"
#include "mapi/file_time.h"
#include "mapi/message.h"
#include "mapi/support.h"

#pragma GCC visibility push(default)
namespace postern::session {

/// An SMTP address as a store keeps and finds those of its mailboxes: in lower case, the domain as
/// A-labels. Nullopt for what is no SMTP address.
std::optional<std::string> own_address(std::string_view address);

/// The same for MSProvider::add_address and remove_address, which throw these failures:
/// MAPI_E_INVALID_PARAMETER, MAPI_E_COLLISION, MAPI_E_NOT_FOUND.
std::string require_own_address(std::string_view address);
mapi::Failure address_is_taken(std::string_view address, const mapi::Mailbox& owner);
mapi::Failure no_such_address(std::string_view address);

/// An open row of a message, and the mailbox that it is for.
struct OwnRow {
  std::size_t row = 0;
  mapi::Mailbox mailbox;
};

/// The open rows that the store delivers to itself. None of a message that asks to be signed or
/// encrypted (PR_SECURITY_FLAGS): only a transport sends the secured form, and the clear text must
/// not lie anywhere else.
std::vector<OwnRow> own_rows(const mapi::Message& message, const mapi::OwnRecipients& own);

/// A message for the receive folder of its class in a mailbox.
struct OwnDelivery {
  mapi::Mailbox mailbox;
  mapi::Message message;
};

/// Settles the own rows of a message that is about to be queued: delivered, PR_RESPONSIBILITY TRUE.
/// Returns what each of their mailboxes gets, one copy each: unread, from now, without the sender's
/// side of it and without other Bcc recipients. Does nothing while the message is deferred
/// (`waits_for_own_delivery`), nor when it is too late for it (PR_LATEST_DELIVERY_TIME).
std::vector<OwnDelivery> deliver_own(mapi::Message& message, const mapi::OwnRecipients& own,
                                     mapi::FileTime now);

/// The message has own rows, and its deferred send time is still to come: it needs a second pass of
/// SubmitMessage then.
bool waits_for_own_delivery(const mapi::Message& message, const mapi::OwnRecipients& own,
                            mapi::FileTime now);

}  // namespace postern::session
#pragma GCC visibility pop
