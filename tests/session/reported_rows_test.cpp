#include "session/reported_rows.h"

#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"

namespace postern::session {
namespace {

mapi::Message message_to(const std::vector<std::string>& addresses) {
  mapi::Message message;
  for (const auto& address : addresses) {
    message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::to, address));
    message.recipients.back().set(mapi::PR_ROWID,
                                  static_cast<std::int32_t>(message.recipients.size()));
  }
  return message;
}

mapi::Recipient failed(mapi::Recipient row, std::int32_t status) {
  row.set(mapi::PR_NDR_STATUS_CODE, status);
  row.set(mapi::PR_REPORT_TIME, mapi::FileTime{1});
  return row;
}

TEST(ReportedRows, RowIsFoundByItsIdThenItsKeyThenItsAddress) {
  for (const auto keep : {0, 1, 2}) {
    auto message = message_to({"a@x", "b@x", "c@x"});
    auto report = failed(message.recipients[1], 511);
    if (keep > 0) report.erase(mapi::PR_ROWID);
    if (keep > 1) report.erase(mapi::PR_SEARCH_KEY);
    EXPECT_TRUE(merge_reported_rows(message, {report})) << keep;
    EXPECT_FALSE(message.recipients[0].get(mapi::PR_NDR_STATUS_CODE));
    EXPECT_EQ(message.recipients[1].get(mapi::PR_NDR_STATUS_CODE), 511) << keep;
    EXPECT_FALSE(message.recipients[2].get(mapi::PR_NDR_STATUS_CODE));
  }
}

TEST(ReportedRows, FirstReportStaysAndStrangersChangeNothing) {
  auto message = message_to({"a@x"});
  const auto before = message.recipients;
  const auto first = failed(before[0], 511);
  EXPECT_TRUE(merge_reported_rows(message, {first, failed(before[0], 571)}));
  EXPECT_EQ(message.recipients[0].get(mapi::PR_NDR_STATUS_CODE), 511);
  EXPECT_FALSE(merge_reported_rows(message, {failed(before[0], 571)}));
  EXPECT_FALSE(merge_reported_rows(message, {failed(message_to({"z@x", "y@x"}).recipients[1], 5)}));
  EXPECT_FALSE(merge_reported_rows(message, {}));
}

TEST(ReportedRows, SettledOneHasTheOutcomeThatWasReported) {
  auto message = message_to({"a@x", "b@x"});
  auto report = message.recipients[1];
  mapi::set_outcome(report, {.verdict = Verdict::failed,
                             .stage = Stage::compose,
                             .code = 0,
                             .status = {5, 7, 5},
                             .text = "no certificate",
                             .host = {},
                             .time = mapi::FileTime::now().time_point()});
  EXPECT_TRUE(settle_reported_rows(message, {report}));
  EXPECT_EQ(mapi::outcome(message.recipients[1]).value().text, "no certificate");
  EXPECT_EQ(message.recipients[1].get(mapi::PR_RESPONSIBILITY), true);
  EXPECT_FALSE(message.recipients[0].get(mapi::PR_RESPONSIBILITY));
}

}  // namespace
}  // namespace postern::session
