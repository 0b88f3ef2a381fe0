// An appointment in words, for readers without a calendar.
#pragma once

#include <string>

#include "mime/calendar/calendar.h"

namespace postern::mime {

/// What, when and where, a line each; more lines for changed occurrences are left to the calendar.
std::string calendar_summary(const Calendar& calendar);

}  // namespace postern::mime
