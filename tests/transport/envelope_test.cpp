#include "transport/smtp/envelope.h"

#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mime/compose.h"
#include "smtp/tls_required.h"
#include "transport/smtp/outcome_mapping.h"
#include "transport/smtp/outgoing_source.h"

namespace postern::transport {
namespace {

using mapi::make_recipient;
using mapi::RecipientType;

TEST(MakeEnvelope, HoldsTheOpenRowsOnlyAndBccAmongThem) {
  mapi::Message message;
  message.recipients = {make_recipient(RecipientType::to, "done@example.com"),
                        make_recipient(RecipientType::bcc, "open@example.com"),
                        make_recipient(RecipientType::to, "no address")};
  message.recipients[0].set(mapi::PR_RESPONSIBILITY, true);
  const auto offered = make_envelope(message, "from@example.com", "id");
  ASSERT_EQ(offered.envelope.recipients.size(), 1U);
  EXPECT_EQ(offered.envelope.recipients[0].address, "open@example.com");
  EXPECT_EQ(offered.rows, (std::vector<std::vector<std::size_t>>{{1}}));
  EXPECT_EQ(offered.envelope.reverse_path, "from@example.com");
  EXPECT_EQ(offered.envelope.envelope_id, "id");
}

TEST(MakeEnvelope, RowsWithTheSameAddressAreOneRecipient) {
  mapi::Message message;
  message.recipients = {make_recipient(RecipientType::to, "A@example.com"),
                        make_recipient(RecipientType::cc, "A@EXAMPLE.com"),
                        make_recipient(RecipientType::cc, "a@example.com")};
  const auto offered = make_envelope(message, {}, {});
  EXPECT_EQ(offered.rows, (std::vector<std::vector<std::size_t>>{{0, 1}, {2}}));
}

TEST(MakeEnvelope, AsksForWhatTheSenderWantsToBeTold) {
  mapi::Message message;
  message.set(mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, true);
  message.recipients = {make_recipient(RecipientType::to, "a@example.com"),
                        make_recipient(RecipientType::to, "b@example.com")};
  message.recipients[1].set(mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, false);
  message.recipients[1].set(mapi::PR_ORIGINATOR_NON_DELIVERY_REPORT_REQUESTED, false);
  const auto recipients = make_envelope(message, {}, {}).envelope.recipients;
  EXPECT_TRUE(recipients[0].notify.asked);
  EXPECT_TRUE(recipients[0].notify.success);
  EXPECT_TRUE(recipients[0].notify.failure);
  EXPECT_TRUE(recipients[0].notify.delay);
  EXPECT_TRUE(recipients[1].notify.asked);
  EXPECT_FALSE(recipients[1].notify.success);
  EXPECT_FALSE(recipients[1].notify.failure);
  EXPECT_FALSE(recipients[1].notify.delay);
}

TEST(MakeEnvelope, KnowsTlsRequiredNoAsTheComposedHeaderDoes) {
  for (const auto& [text, expected] : {std::pair{"", false},
                                       {"Yes", false},
                                       {"No", true},
                                       {"nO", true},
                                       {" No ", false},
                                       {"No\r\nX: y", false}}) {
    mapi::Message message;
    mapi::set_address(message, mapi::sender_group, "sender@example.com", "Sender");
    message.recipients = {make_recipient(RecipientType::to, "a@example.com")};
    message.set({mapi::PS_INTERNET_HEADERS, std::string("tls-required")}, std::string(text));
    EXPECT_EQ(make_envelope(message, {}, {}).envelope.tls_required_no, expected) << text;
    const auto plan = mime::compose(message, {});
    EXPECT_EQ(smtp::tls_required_no(OutgoingSource(plan, nullptr)), expected) << text;
  }
}

TEST(ToMapi, CarriesEveryFieldOfTheOutcome) {
  const smtp::Outcome outcome{.verdict = smtp::Verdict::failed,
                              .stage = smtp::Stage::rcpt,
                              .code = 550,
                              .status = {5, 1, 1},
                              .text = "5.1.1 no",
                              .host = "mx",
                              .time = std::chrono::system_clock::time_point{std::chrono::hours{1}}};
  const auto mapped = to_mapi(outcome);
  EXPECT_EQ(mapped.verdict, mapi::Verdict::failed);
  EXPECT_EQ(mapped.stage, "rcpt");
  EXPECT_EQ(mapped.code, 550);
  EXPECT_EQ(mapped.status, (mapi::EnhancedStatus{5, 1, 1}));
  EXPECT_EQ(mapped.text, "5.1.1 no");
  EXPECT_EQ(mapped.host, "mx");
  EXPECT_EQ(mapped.time, outcome.time);
}

TEST(CodeWithoutProgress, TellsANetworkErrorFromATemporaryRefusal) {
  smtp::Delivery refused;
  refused.recipients = {{.verdict = smtp::Verdict::retry,
                         .stage = smtp::Stage::rcpt,
                         .code = 450,
                         .status = {},
                         .text = {},
                         .host = {},
                         .time = {}}};
  EXPECT_EQ(code_without_progress(refused), mapi::MAPI_E_WAIT);
  refused.recipients[0].code = 0;
  EXPECT_EQ(code_without_progress(refused), mapi::MAPI_E_NETWORK_ERROR);
}

}  // namespace
}  // namespace postern::transport
