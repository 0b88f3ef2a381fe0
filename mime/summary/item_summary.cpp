// Tasks ([MS-OXOTASK] 2.2.2) and journal entries ([MS-OXOJRNL] 2.2.1).
#include <array>
#include <cmath>

#include "mapi/property_tags.h"
#include "mime/property/named_property.h"
#include "mime/summary/labelled_lines.h"
#include "mime/summary/summary.h"

namespace postern::mime {
namespace {

// PSETID_Task
constexpr std::uint32_t PidLidTaskStatus = 0x8101;
constexpr std::uint32_t PidLidPercentComplete = 0x8102;
constexpr std::uint32_t PidLidTaskStartDate = 0x8104;
constexpr std::uint32_t PidLidTaskDueDate = 0x8105;
constexpr std::uint32_t PidLidTaskDateCompleted = 0x810F;
constexpr std::uint32_t PidLidTaskOwner = 0x811F;

constexpr mapi::Guid PSETID_Log{{0x0A, 0x20, 0x06, 0x00, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46}};
constexpr std::uint32_t PidLidLogType = 0x8700;
constexpr std::uint32_t PidLidLogStart = 0x8706;
constexpr std::uint32_t PidLidLogEnd = 0x8708;
constexpr std::uint32_t PidLidLogTypeDesc = 0x8712;

std::string_view status_text(std::int32_t status) {
  constexpr std::array<std::string_view, 5> texts{"Not started", "In progress", "Completed",
                                                  "Waiting for somebody else", "Deferred"};
  return status < 0 || status >= static_cast<std::int32_t>(texts.size())
             ? std::string_view()
             : texts.at(static_cast<std::size_t>(status));
}

/// A share of 1.
std::string percent_text(double share) {
  if (!(share >= 0 && share <= 1)) return {};
  return std::to_string(std::lround(share * 100)) + "%";
}

}  // namespace

std::string task_summary(const mapi::Message& task) {
  const auto date = [&task](std::uint32_t number) {
    return named_or<mapi::FileTime>(task, mapi::PSETID_Task, number, {});
  };
  LabelledLines lines;
  lines.add("Task", task.get_or(mapi::PR_SUBJECT, ""));
  lines.add("Status",
            status_text(named_or<std::int32_t>(task, mapi::PSETID_Task, PidLidTaskStatus, 0)));
  lines.add("Complete",
            percent_text(named_or<double>(task, mapi::PSETID_Task, PidLidPercentComplete, 0)));
  lines.add_date("Start", date(PidLidTaskStartDate));
  lines.add_date("Due", date(PidLidTaskDueDate));
  lines.add_date("Completed", date(PidLidTaskDateCompleted));
  lines.add("Owner", named_or<std::string>(task, mapi::PSETID_Task, PidLidTaskOwner, ""));
  return lines.take();
}

std::string journal_summary(const mapi::Message& entry) {
  LabelledLines lines;
  const auto type = named_or<std::string>(entry, PSETID_Log, PidLidLogType, "");
  lines.add("Journal entry", named_or(entry, PSETID_Log, PidLidLogTypeDesc, type));
  lines.add("Subject", entry.get_or(mapi::PR_SUBJECT, ""));
  lines.add_time("Start", named_or<mapi::FileTime>(entry, PSETID_Log, PidLidLogStart, {}));
  lines.add_time("End", named_or<mapi::FileTime>(entry, PSETID_Log, PidLidLogEnd, {}));
  return lines.take();
}

}  // namespace postern::mime
