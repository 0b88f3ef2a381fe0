// A contact as a vCard (RFC 2426, [MS-OXVCARD], mapi-to-mime.md §7.3).
#pragma once

#include <string>
#include <string_view>

#include "mapi/message.h"

namespace postern::mime {

/// The name that a contact is shown under; never empty.
std::string contact_name(const mapi::Message& contact);

/// The contact in words, for readers of mail that show no vCard.
std::string contact_summary(const mapi::Message& contact);

/// vCard 3.0. `note` is the contact's body.
std::string card_text(const mapi::Message& contact, std::string_view note);

}  // namespace postern::mime
