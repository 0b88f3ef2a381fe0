// Random messages to try a store with, and what becomes of them there.
#pragma once

#include <array>
#include <string>

#include "mapi/message.h"
#include "tests/store/power_loss/dice.h"

namespace postern::store::test {

/// The mailboxes of the store beside the default one; each has the address of its name.
inline constexpr std::array own_mailboxes{"ann", "bob"};
std::string own_address_of(const std::string& mailbox);

/// With a body, recipients, some of them of the store itself, and attachments: none, small ones,
/// some of several hundred kilobytes, seldom of megabytes.
mapi::Message random_letter(Dice& dice, const std::string& subject);
/// Of rows that have the letter's recipients, and text.
mapi::Message random_report(Dice& dice, const std::string& subject);

/// Changes a property, a recipient or an attachment, or adds or removes one.
void change_letter(Dice& dice, mapi::Message& letter);
/// What an attempt to send it leaves in it.
void record_attempt(Dice& dice, mapi::Message& letter);

// As the store keeps it.

/// Queued: nothing is left of an earlier submission; rows of the store's own recipients are done.
mapi::Message as_submitted(mapi::Message letter);
/// In the mailbox of a recipient of the store.
mapi::Message as_delivered(mapi::Message letter);
/// Whether a recipient is of that mailbox.
bool is_addressed_to(const mapi::Message& letter, const std::string& mailbox);

}  // namespace postern::store::test
