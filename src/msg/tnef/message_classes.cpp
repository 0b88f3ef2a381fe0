#include "msg/tnef/message_classes.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace postern::msg {
namespace {

struct ClassName {
  std::string_view tnef;
  std::string_view mapi;
};
constexpr std::array class_names{
    ClassName{"IPM.Microsoft Mail.Note", "IPM.Note"},
    ClassName{"IPM.Microsoft Mail.Read Receipt", "Report.IPM.Note.IPNRN"},
    ClassName{"IPM.Microsoft Mail.Non-Delivery", "Report.IPM.Note.NDR"},
    ClassName{"IPM.Microsoft Schedule.MtgReq", "IPM.Schedule.Meeting.Request"},
    ClassName{"IPM.Microsoft Schedule.MtgCncl", "IPM.Schedule.Meeting.Canceled"},
    ClassName{"IPM.Microsoft Schedule.MtgRespP", "IPM.Schedule.Meeting.Resp.Pos"},
    ClassName{"IPM.Microsoft Schedule.MtgRespN", "IPM.Schedule.Meeting.Resp.Neg"},
    ClassName{"IPM.Microsoft Schedule.MtgRespA", "IPM.Schedule.Meeting.Resp.Tent"},
};

std::string translated(std::string_view name, std::string_view ClassName::*from,
                       std::string_view ClassName::*to) {
  const auto* const found = std::ranges::find_if(
      class_names, [&](const ClassName& row) { return equals_ignoring_case(row.*from, name); });
  return std::string(found == class_names.end() ? name : (*found).*to);
}

}  // namespace

std::string class_from_tnef(std::string_view name) {
  constexpr std::string_view version = "Microsoft Mail v3.0 ";
  if (name.starts_with(version)) name.remove_prefix(version.size());
  return translated(name, &ClassName::tnef, &ClassName::mapi);
}

std::string class_to_tnef(std::string_view message_class) {
  return translated(message_class, &ClassName::mapi, &ClassName::tnef);
}

}  // namespace postern::msg
