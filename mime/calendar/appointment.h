// The calendar of an appointment or a meeting's message, from its properties ([MS-OXOCAL],
// [MS-OXCICAL] 2.1.3, mapi-to-mime.md §7.2).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mapi/loss.h"
#include "mapi/message.h"
#include "mime/calendar/calendar.h"

namespace postern::mime {

/// What a calendar takes from the rest of the message.
struct MessageFacts {
  CalendarMethod method = CalendarMethod::publish;
  std::optional<Party> organizer;
  std::vector<Attendee> attendees;
  std::string summary;
  std::string description;
};

/// Nullopt if the message has no time. What is left out or guessed is told.
std::optional<Calendar> read_appointment(const mapi::Message& message, MessageFacts facts,
                                         std::vector<mapi::Loss>& losses);

/// Whether the attachment belongs to the series it is attached to.
bool is_changed_occurrence(const mapi::Attachment& attachment);
/// PidLidAppointmentStateFlags: others are invited.
bool is_meeting(const mapi::Message& message);
/// PidLidAppointmentCounterProposal: an answer that proposes another time.
bool proposes_time(const mapi::Message& message);

}  // namespace postern::mime
