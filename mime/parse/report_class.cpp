#include "mime/parse/report_class.h"

#include <algorithm>

#include "mime/octets/content_view.h"
#include "mime/read_report.h"

namespace postern::mime {
namespace {

std::string delivery_class(const mapi::ReturnedReport& report) {
  const auto is_all = [&](std::string_view action) {
    return !report.recipients.empty() &&
           std::ranges::all_of(report.recipients,
                               [&](const auto& each) { return each.action == action; });
  };
  if (is_all("delivered")) return "REPORT.IPM.Note.DR";
  if (is_all("relayed")) return "REPORT.IPM.Note.Relayed.DR";
  if (is_all("expanded")) return "REPORT.IPM.Note.Expanded.DR";
  return is_all("delayed") ? "REPORT.IPM.Note.Delayed.DR" : "REPORT.IPM.Note.NDR";
}

}  // namespace

std::optional<std::string> report_class(const MailPart& part, const mapi::Content& mail) {
  if (!part.is("multipart/report")) return std::nullopt;
  const auto report =
      read_report(mail.slice(part.header_begin, part.content_end - part.header_begin).open());
  if (report.kind == mapi::ReturnedKind::delivery) return delivery_class(report);
  if (report.kind != mapi::ReturnedKind::disposition) return std::nullopt;
  return report.disposition == "displayed" ? "REPORT.IPM.Note.IPNRN" : "REPORT.IPM.Note.IPNNRN";
}

}  // namespace postern::mime
