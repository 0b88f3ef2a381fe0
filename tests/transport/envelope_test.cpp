#include "transport/smtp/envelope.h"

#include <chrono>
#include <optional>

#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mime/compose.h"
#include "smtp/tls_required.h"
#include "transport/message/deferred_delivery.h"
#include "transport/smtp/outgoing_source.h"
#include "transport/smtp/submit_result.h"

namespace postern::transport {
namespace {

using mapi::make_recipient;
using mapi::RecipientType;

constexpr mapi::FileTime noon = mapi::FileTime{} + std::chrono::hours{24 * 365 * 400};

/// For every row that the transport takes.
smtp::Envelope envelope_of(const mapi::Message& message,
                           std::string reverse_path = "from@example.com") {
  const auto offered = offered_recipients(message, {});
  return make_envelope(message, offered.taken, std::move(reverse_path), noon);
}

TEST(MakeEnvelope, HoldsTheOpenRowsOnlyAndBccAmongThem) {
  mapi::Message message;
  message.recipients = {make_recipient(RecipientType::to, "done@example.com"),
                        make_recipient(RecipientType::bcc, "open@example.com"),
                        make_recipient(RecipientType::to, "no address")};
  message.recipients[0].set(mapi::PR_RESPONSIBILITY, true);
  message.set(mapi::PR_POSTERN_ENVELOPE_ID, "id");
  const auto envelope = envelope_of(message);
  ASSERT_EQ(envelope.recipients.size(), 1U);
  EXPECT_EQ(envelope.recipients[0].address, "open@example.com");
  EXPECT_EQ(envelope.reverse_path, "from@example.com");
  EXPECT_EQ(envelope.envelope_id, "id");
}

TEST(MakeEnvelope, AsksForWhatTheSenderWantsToBeTold) {
  mapi::Message message;
  message.set(mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, true);
  message.recipients = {make_recipient(RecipientType::to, "a@example.com"),
                        make_recipient(RecipientType::to, "b@example.com")};
  message.recipients[1].set(mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, false);
  message.recipients[1].set(mapi::PR_ORIGINATOR_NON_DELIVERY_REPORT_REQUESTED, false);
  const auto recipients = envelope_of(message).recipients;
  EXPECT_TRUE(recipients[0].notify.asked);
  EXPECT_TRUE(recipients[0].notify.success);
  EXPECT_TRUE(recipients[0].notify.failure);
  EXPECT_TRUE(recipients[0].notify.delay);
  EXPECT_TRUE(recipients[1].notify.asked);
  EXPECT_FALSE(recipients[1].notify.success);
  EXPECT_FALSE(recipients[1].notify.failure);
  EXPECT_FALSE(recipients[1].notify.delay);
}

TEST(MakeEnvelope, AsksForNoReportWhereNobodyCanBeTold) {
  mapi::Message message;
  message.set(mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, true);
  message.recipients = {make_recipient(RecipientType::to, "a@example.com")};
  const auto notify = envelope_of(message, "").recipients.at(0).notify;
  EXPECT_TRUE(notify.asked);
  EXPECT_FALSE(notify.success || notify.failure || notify.delay) << "NOTIFY=NEVER";
}

TEST(MakeEnvelope, PriorityIsThatOfX400) {
  mapi::Message message;
  EXPECT_EQ(envelope_of(message).priority, std::nullopt);
  for (const auto& [asked, expected] :
       {std::pair{1, std::optional(4)}, {0, std::optional<int>()}, {-1, std::optional(-4)}}) {
    message.set(mapi::PR_PRIORITY, asked);
    EXPECT_EQ(envelope_of(message).priority, expected) << asked;
  }
}

TEST(MakeEnvelope, LatestTimeIsSaidToServersThatKnowOfIt) {
  mapi::Message message;
  for (const auto& [latest, within] :
       {std::pair<mapi::FileTime, int>{noon + std::chrono::milliseconds{90'900}, 90},
        {noon + std::chrono::hours{-1}, 0},
        {noon + std::chrono::milliseconds{900}, 0},
        {noon + std::chrono::hours{500'000}, 0},
        {mapi::FileTime{}, 0}}) {
    message.set(mapi::PR_LATEST_DELIVERY_TIME, latest);
    const auto by = envelope_of(message).deliver_by;
    ASSERT_EQ(by.has_value(), within > 0) << within;
    if (!by) continue;
    EXPECT_EQ(by->within.count(), within);
    EXPECT_EQ(by->mode, smtp::DeliverBy::Mode::notify);
  }
}

TEST(MakeEnvelope, TlsIsRequiredWhereTheMessageSaysSo) {
  mapi::Message message;
  EXPECT_FALSE(envelope_of(message).require_tls);
  message.set(mapi::PR_POSTERN_REQUIRE_TLS, true);
  EXPECT_TRUE(envelope_of(message).require_tls);
}

TEST(DeferredDelivery, IsHeldForTheSecondsThatAreLeft) {
  mapi::Message message;
  EXPECT_EQ(time_to_hold(message, noon), std::nullopt);
  for (const auto& [time, expected] : {std::pair<mapi::FileTime, int>{noon, 0},
                                       {noon + std::chrono::milliseconds{1}, 1},
                                       {noon + std::chrono::seconds{60}, 60},
                                       {mapi::FileTime{}, 0}}) {
    message.set(mapi::PR_DEFERRED_DELIVERY_TIME, time);
    EXPECT_EQ(time_to_hold(message, noon).value_or(std::chrono::seconds{0}).count(), expected);
  }
}

TEST(MakeEnvelope, KnowsTlsRequiredNoAsTheComposedHeaderDoes) {
  for (const auto& [text, expected] : {std::pair{"", false},
                                       {"Yes", false},
                                       {"No", true},
                                       {"nO", true},
                                       {" No ", true},
                                       {"No\r\nX: y", false}}) {
    mapi::Message message;
    mapi::set_address(message, mapi::sender_group, "sender@example.com", "Sender");
    message.recipients = {make_recipient(RecipientType::to, "a@example.com")};
    message.set({mapi::PS_INTERNET_HEADERS, std::string("tls-required")}, std::string(text));
    EXPECT_EQ(envelope_of(message).tls_required_no, expected) << text;
    Composition composition;
    composition.plan = mime::compose(message, {});
    EXPECT_EQ(smtp::tls_required_no(OutgoingSource(composition, nullptr)), expected) << text;
  }
}

smtp::Delivery delivery_of(std::vector<Outcome> outcomes) {
  smtp::Delivery delivery;
  delivery.recipients = std::move(outcomes);
  return delivery;
}

Outcome outcome_of(Verdict verdict, int code, bool attempted = true) {
  Outcome outcome;
  outcome.verdict = verdict;
  outcome.code = code;
  outcome.attempted = attempted;
  return outcome;
}

TEST(SubmitResult, TellsANetworkErrorFromATemporaryRefusal) {
  EXPECT_EQ(submit_result(delivery_of({outcome_of(Verdict::retry, 450)})).code, mapi::MAPI_E_WAIT);
  EXPECT_EQ(submit_result(delivery_of({outcome_of(Verdict::retry, 0)})).code,
            mapi::MAPI_E_NETWORK_ERROR);
  const auto mixed =
      delivery_of({outcome_of(Verdict::retry, 450), outcome_of(Verdict::failed, 550)});
  EXPECT_EQ(submit_result(mixed).code, mapi::S_OK);
}

TEST(SubmitResult, HandsOverThePauseOfTheRouteWhereNothingWasTried) {
  using namespace std::chrono_literals;
  const auto result = [](bool attempted, bool configuration, std::chrono::milliseconds pause) {
    auto delivery = delivery_of({outcome_of(Verdict::retry, 421, attempted)});
    delivery.route_fault =
        smtp::RouteFault{delivery.recipients[0], configuration, false, {}, pause};
    return submit_result(delivery).retry_after;
  };
  EXPECT_EQ(result(false, false, 1500ms), 2s);
  EXPECT_EQ(result(false, false, 0ms), 1s) << "0 would be the spooler's own schedule";
  EXPECT_EQ(result(true, false, 1500ms), 0s) << "it was a try";
  EXPECT_EQ(result(true, true, 300s), 300s) << "which is not the message's fault";
}

TEST(SubmitResult, MessageThatWasTriedForSomebodyIsTriedAgainOnSchedule) {
  auto delivery =
      delivery_of({outcome_of(Verdict::retry, 0, false), outcome_of(Verdict::retry, 450)});
  delivery.route_fault =
      smtp::RouteFault{delivery.recipients[0], false, false, {}, std::chrono::seconds{10}};
  EXPECT_EQ(submit_result(delivery).retry_after, std::chrono::seconds{0});
}

}  // namespace
}  // namespace postern::transport
