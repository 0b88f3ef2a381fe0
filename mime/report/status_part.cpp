#include "mime/report/status_part.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/header_field.h"
#include "base/mime/media_type.h"
#include "base/text.h"
#include "mime/header/date.h"
#include "mime/header/header_block.h"
#include "mime/report/field_value.h"

namespace postern::mime {
namespace {

using mapi::ReturnedKind;
using mapi::ReturnedRecipient;
using mapi::ReturnedReport;

/// What a field says of a report, or of a recipient. Of fields given twice the first counts.
template <class Subject>
struct FieldRule {
  std::string_view name;  ///< in lower case
  void (*take)(Subject&, std::string_view value);
};

template <class Subject, std::string Subject::*member, auto reading>
void take_text(Subject& subject, std::string_view value) {
  if ((subject.*member).empty()) subject.*member = reading(value);
}

std::string whole_text(std::string_view value) {
  return printable(value);
}

/// `automatic-action/MDN-sent-automatically; displayed/error`: the type, without modes and
/// modifiers (RFC 8098 §3.2.6).
std::string disposition_type(std::string_view value) {
  const auto type = without_comments(value.substr(std::min(value.find(';'), value.size() - 1) + 1));
  return printable(lower_case(trim(std::string_view(type).substr(0, type.find('/')))));
}

std::string envelope_id_in(std::string_view value) {
  return printable(xtext_decoded(value));
}

std::string first_token(std::string_view value) {
  return printable(parse_token(value));
}

void take_status(ReturnedRecipient& recipient, std::string_view value) {
  if (!recipient.status.empty()) return;
  recipient.status = EnhancedStatus::parse(parse_token(value)).value_or(EnhancedStatus{});
}

template <std::optional<mapi::FileTime> ReturnedRecipient::*member>
void take_date(ReturnedRecipient& recipient, std::string_view value) {
  if (!(recipient.*member)) recipient.*member = parse_date(value);
}

using Report = ReturnedReport;
using Row = ReturnedRecipient;
constexpr std::array report_fields{
    FieldRule<Report>{"original-envelope-id",
                      take_text<Report, &Report::envelope_id, envelope_id_in>},
    FieldRule<Report>{"reporting-mta", take_text<Report, &Report::reporting_mta, mta_host>},
    FieldRule<Report>{"original-message-id",
                      take_text<Report, &Report::original_message_id, message_id_in>},
    FieldRule<Report>{"x-original-message-id",
                      take_text<Report, &Report::original_message_id, message_id_in>},
    FieldRule<Report>{"disposition", take_text<Report, &Report::disposition, disposition_type>},
    FieldRule<Report>{"feedback-type", take_text<Report, &Report::feedback_type, first_token>},
};
constexpr std::array recipient_fields{
    FieldRule<Row>{"final-recipient", take_text<Row, &Row::address, recipient_address>},
    FieldRule<Row>{"original-recipient", take_text<Row, &Row::original_address, recipient_address>},
    FieldRule<Row>{"action", take_text<Row, &Row::action, first_token>},
    FieldRule<Row>{"status", take_status},
    FieldRule<Row>{"diagnostic-code", take_text<Row, &Row::diagnostic, whole_text>},
    FieldRule<Row>{"remote-mta", take_text<Row, &Row::remote_host, mta_host>},
    FieldRule<Row>{"x-supplementary-info", take_text<Row, &Row::supplementary_info, whole_text>},
    FieldRule<Row>{"last-attempt-date", take_date<&Row::last_attempt>},
    FieldRule<Row>{"will-retry-until", take_date<&Row::will_retry_until>},
};

template <class Subject, std::size_t size>
bool take(const std::array<FieldRule<Subject>, size>& rules, Subject& subject,
          std::string_view name, std::string_view value) {
  const auto rule = std::ranges::find(rules, name, &FieldRule<Subject>::name);
  if (rule == rules.end()) return false;
  rule->take(subject, value);
  return true;
}

/// Whether the group is about a recipient and not about the message.
bool is_about_recipient(const ReturnedRecipient& recipient) {
  return !recipient.address.empty() || !recipient.original_address.empty() ||
         !recipient.action.empty();
}

/// Takes the fields of a part, one after the other.
class PartReader {
 public:
  PartReader(ReturnedKind kind, ReturnedReport& report) : kind_(kind), report_(report) {}

  void take_field(std::string_view name, std::string_view value) {
    if (kind_ == ReturnedKind::feedback && name == "original-rcpt-to") {  // RFC 5965 §3.2
      report_.kind = kind_;
      add({.address = recipient_address(value)});
    } else if (take(report_fields, report_, name, value) ||
               take(recipient_fields, recipient_, name, value)) {
      report_.kind = kind_;
    }
  }

  void end_group() {
    if (is_about_recipient(recipient_)) add(std::move(recipient_));
    recipient_ = {};
  }

 private:
  void add(ReturnedRecipient recipient) {
    if (report_.recipients.size() == most_recipients) {
      report_.incomplete = true;
    } else {
      report_.recipients.push_back(std::move(recipient));
    }
  }

  ReturnedKind kind_;
  ReturnedReport& report_;
  ReturnedRecipient recipient_;
};

}  // namespace

ReturnedKind report_kind(std::string_view subtype) {
  if (subtype == "delivery-status" || subtype == "global-delivery-status") {
    return ReturnedKind::delivery;
  }
  if (subtype == "disposition-notification" || subtype == "global-disposition-notification") {
    return ReturnedKind::disposition;
  }
  return subtype == "feedback-report" ? ReturnedKind::feedback : ReturnedKind::none;
}

void read_status_part(std::string_view text, ReturnedKind kind, ReturnedReport& report) {
  PartReader reader(kind, report);
  while (!text.empty()) {
    const auto field = take_header_field(text);
    if (field.is_empty_line()) {
      reader.end_group();
    } else {
      reader.take_field(lower_case(field.name), unfolded(field.body));
    }
  }
  reader.end_group();
}

}  // namespace postern::mime
