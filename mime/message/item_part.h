// What messages of other classes than notes have besides their body: a calendar (mapi-to-mime.md
// §7.2), a vCard (§7.3), or words in the body that say what the properties do (§7.1).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "mime/context/compose_context.h"
#include "mime/message/body.h"
#include "mime/tree/entity.h"

namespace postern::mime {

/// The body, with what the properties say in words. HTML stays as it is.
Body with_summary(Body body, const mapi::Message& message, ComposeContext& context);

/// Text/calendar, and the same in words; no part if it has no date.
struct CalendarPart {
  std::unique_ptr<Entity> entity;
  std::string summary;
};
/// Empty if the class has no calendar. `description` is the body's text.
CalendarPart calendar_part(const mapi::Message& message, std::string_view description,
                           const Parent& parent, ComposeContext& context);

/// The text in place of a body that shows nothing.
void fill_if_empty(Body& body, std::string_view text);

/// Text/vcard as an attachment. `note` is the contact's body.
std::unique_ptr<Entity> card_part(const mapi::Message& contact, std::string_view note);

}  // namespace postern::mime
