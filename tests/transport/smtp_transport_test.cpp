// The transport against a catcher: what XPLogon answers, what it saves, what it reports.
#include "transport/smtp_transport.h"

#include <algorithm>
#include <functional>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catcher/catcher.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "tests/resource_limits.h"
#include "tests/transport/recording.h"

namespace postern::transport {
namespace {

using test::message_to;
using test::RecordingHandle;
using test::RecordingSupport;
using test::secured_message_to;
using test::submit_by;
using testing::HasSubstr;

smtp::DkimSettings ed25519_key() {
  // RFC 8463 §A.2
  return {
      "example.com", "mail",
      smtp::DkimKey::from_pem("-----BEGIN PRIVATE KEY-----\n"
                              "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
                              "-----END PRIVATE KEY-----\n")};
}

class SmtpTransportTest : public testing::Test {
 protected:
  SmtpTransportOptions options_for(int port) {
    SmtpTransportOptions options;
    options.client.relay = smtp::Relay::parse("smtp://127.0.0.1:" + std::to_string(port));
    options.message_id_domain = "gateway.example";
    return options;
  }
  mapi::SubmitResult submit(RecordingHandle& handle) {
    sender = logon->sender(support);
    return submit_by(*sender, handle, support);
  }

  catcher::Catcher server{catcher::CatcherOptions{}};
  RecordingSupport support;
  std::unique_ptr<mapi::XPProvider> provider = make_smtp_transport(options_for(server.port()));
  std::unique_ptr<mapi::XPLogon> logon = provider->transport_logon(support);
  std::unique_ptr<mapi::XPSender> sender;
};

TEST_F(SmtpTransportTest, DeliversAndReportsEachRecipient) {
  RecordingHandle handle(message_to({"a@example.com", "b@example.com"}));
  EXPECT_EQ(submit(handle).code, mapi::S_OK);
  EXPECT_EQ(sender->end_message(), mapi::EndMessage::done);
  EXPECT_TRUE(handle.is_settled(0));
  EXPECT_EQ(handle.outcome(0).verdict, Verdict::delivered);
  EXPECT_EQ(handle.outcome(0).code, 250);
  EXPECT_EQ(support.reported.size(), 2U);
  ASSERT_TRUE(server.wait_for(1, std::chrono::seconds{10}));
  const auto caught = server.messages().at(0);
  EXPECT_EQ(caught.sender.address, "sender@example.com");
  EXPECT_EQ(caught.recipients.size(), 2U);
  EXPECT_THAT(caught.content(), HasSubstr("Hello\r\n"));
}

TEST_F(SmtpTransportTest, MessageIdIsSavedBeforeTheFirstAttemptAndStaysTheSame) {
  RecordingHandle handle(message_to({"greylist@example.com"}));
  EXPECT_EQ(submit(handle).code, mapi::MAPI_E_WAIT);
  ASSERT_EQ(handle.saved.size(), 2U);
  const std::string id(handle.saved[0].get_or(mapi::PR_INTERNET_MESSAGE_ID, ""));
  EXPECT_THAT(id, HasSubstr("@gateway.example>"));
  EXPECT_FALSE(mapi::outcome(handle.saved[0].recipients[0]));
  EXPECT_EQ(submit(handle).code, mapi::S_OK);
  ASSERT_TRUE(server.wait_for(1, std::chrono::seconds{10}));
  EXPECT_THAT(server.messages().at(0).content(), HasSubstr("Message-ID: " + id));
}

TEST_F(SmtpTransportTest, MixedVerdictsSettleWhatIsFinalAndAskForALaterAttempt) {
  RecordingHandle handle(
      message_to({"a@example.com", "refuse-550@example.com", "greylist@example.com"}));
  EXPECT_EQ(submit(handle).code, mapi::S_OK);
  EXPECT_EQ(sender->end_message(), mapi::EndMessage::resend_later);
  EXPECT_EQ(handle.outcome(0).verdict, Verdict::delivered);
  EXPECT_EQ(handle.outcome(1).verdict, Verdict::failed);
  EXPECT_EQ(handle.outcome(1).stage, Stage::rcpt);
  EXPECT_EQ(handle.outcome(1).code, 550);
  EXPECT_THAT(handle.outcome(1).text, HasSubstr("no such user"));
  EXPECT_EQ(handle.outcome(2).verdict, Verdict::retry);
  EXPECT_FALSE(handle.is_settled(2));
  EXPECT_EQ(support.reported.size(), 2U);
  EXPECT_EQ(submit(handle).code, mapi::S_OK);
  EXPECT_EQ(sender->end_message(), mapi::EndMessage::done);
  EXPECT_TRUE(handle.is_settled(2));
  ASSERT_TRUE(server.wait_for(2, std::chrono::seconds{10}));
  EXPECT_EQ(server.messages().at(1).recipients.size(), 1U);
}

TEST_F(SmtpTransportTest, RefusedContentFailsAllAcceptedRows) {
  RecordingHandle handle(message_to({"a@example.com", "refuse-data-554@example.com"}));
  EXPECT_EQ(submit(handle).code, mapi::S_OK);
  EXPECT_EQ(handle.outcome(0).verdict, Verdict::failed);
  EXPECT_EQ(handle.outcome(1).verdict, Verdict::failed);
  EXPECT_EQ(handle.outcome(0).stage, Stage::end);
}

TEST_F(SmtpTransportTest, LostReplyIsUnknownAndIsTriedAgain) {
  RecordingHandle handle(message_to({"drop-end@example.com"}));
  EXPECT_EQ(submit(handle).code, mapi::MAPI_E_NETWORK_ERROR);
  EXPECT_EQ(handle.outcome(0).verdict, Verdict::unknown);
  EXPECT_FALSE(handle.is_settled(0));
}

TEST_F(SmtpTransportTest, AbsentRelayIsANetworkErrorThatNamesIt) {
  const auto port = server.port();
  server.stop();
  RecordingHandle handle(message_to({"a@example.com"}));
  EXPECT_EQ(submit(handle).code, mapi::MAPI_E_NETWORK_ERROR);
  EXPECT_EQ(handle.outcome(0).stage, Stage::connect);
  EXPECT_THAT(handle.outcome(0).text, HasSubstr("127.0.0.1:" + std::to_string(port)));
  EXPECT_TRUE(support.critical_errors.empty());
}

TEST_F(SmtpTransportTest, WhereTheRouteIsLeftAloneNothingIsTriedAndNothingCounted) {
  auto options = options_for(server.port());
  options.client.pace.first_pause = std::chrono::hours{1};
  options.client.pace.longest_pause = std::chrono::hours{1};
  server.stop();
  provider = make_smtp_transport(options);
  logon = provider->transport_logon(support);
  RecordingHandle handle(message_to({"a@example.com"}));
  EXPECT_EQ(submit(handle).retry_after, std::chrono::seconds{0});
  const std::string said(handle.message().get_or(mapi::PR_POSTERN_TRANSCRIPT, ""));
  const auto postponed = submit(handle);
  EXPECT_EQ(postponed.code, mapi::MAPI_E_NETWORK_ERROR);
  EXPECT_GT(postponed.retry_after, std::chrono::minutes{50});
  EXPECT_EQ(mapi::attempts(handle.message().recipients[0]), 1);
  EXPECT_EQ(handle.message().get(mapi::PR_POSTERN_TRANSCRIPT), said);

  logon->flush_queues(mapi::Direction::outbound);
  EXPECT_EQ(submit(handle).retry_after, std::chrono::seconds{0});
  EXPECT_EQ(mapi::attempts(handle.message().recipients[0]), 2);
}

TEST_F(SmtpTransportTest, MessageWithoutASenderFailsInsteadOfWaitingForever) {
  auto message = message_to({"a@example.com"});
  for (const auto tag : {mapi::PR_SENDER_NAME, mapi::PR_SENDER_ADDRTYPE,
                         mapi::PR_SENDER_EMAIL_ADDRESS, mapi::PR_SENDER_SMTP_ADDRESS}) {
    message.erase(tag);
  }
  message.erase(mapi::PR_SENDER_ENTRYID);
  message.erase(mapi::PR_SENDER_SEARCH_KEY);
  RecordingHandle handle(std::move(message));
  EXPECT_EQ(submit(handle).code, mapi::S_OK);
  EXPECT_EQ(handle.outcome(0).verdict, Verdict::failed);
  EXPECT_EQ(handle.outcome(0).status, (EnhancedStatus{5, 6, 0}));
}

TEST_F(SmtpTransportTest, RowsWithoutAnAddressAreLeftToOthers) {
  RecordingHandle handle(message_to({"no address"}));
  EXPECT_EQ(submit(handle).code, mapi::MAPI_E_NOT_ME);
}

TEST_F(SmtpTransportTest, RowsInOtherDomainsAreDeclinedWhateverBecomesOfItsOwn) {
  auto options = options_for(server.port());
  options.name = "the first";
  options.domains = {"Example.com", ".example.org"};
  provider = make_smtp_transport(options);
  logon = provider->transport_logon(support);
  EXPECT_EQ(support.status_row.get_or(mapi::PR_DISPLAY_NAME, ""), "the first");
  RecordingHandle handle(message_to({"a@EXAMPLE.com", "b@example.org", "greylist@mx.example.org"}));
  const auto result = submit(handle);
  EXPECT_EQ(result.code, mapi::S_OK);
  EXPECT_THAT(result.declined, testing::ElementsAre(1));
  EXPECT_EQ(sender->end_message(), mapi::EndMessage::resend_later);
  EXPECT_TRUE(handle.is_settled(0));
  EXPECT_FALSE(mapi::outcome(handle.message().recipients[1]));

  server.stop();
  RecordingHandle waits(message_to({"b@example.net", "a@example.com"}));
  const auto postponed = submit(waits);
  EXPECT_EQ(postponed.code, mapi::MAPI_E_NETWORK_ERROR);
  EXPECT_THAT(postponed.declined, testing::ElementsAre(0));

  RecordingHandle foreign(message_to({"b@example.net"}));
  EXPECT_EQ(submit(foreign).code, mapi::MAPI_E_NOT_ME);
  EXPECT_TRUE(foreign.saved.empty()) << "it was not even composed";
}

TEST_F(SmtpTransportTest, CancelStopsARunningMessage) {
  // In chunks the content would have left already; then its reply is awaited.
  catcher::CatcherOptions without_chunks;
  without_chunks.without_extensions = {"CHUNKING"};
  catcher::Catcher slow_server(std::move(without_chunks));
  provider = make_smtp_transport(options_for(slow_server.port()));
  logon = provider->transport_logon(support);
  RecordingHandle handle(message_to({"slow-60@example.com"}));
  sender = logon->sender(support);
  std::jthread canceller([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
    sender->cancel_message();
  });
  EXPECT_EQ(submit_by(*sender, handle, support).code, mapi::MAPI_E_USER_CANCEL);
  EXPECT_FALSE(handle.is_settled(0));
}

TEST_F(SmtpTransportTest, MessagesAreSignedWhereAKeyIsGiven) {
  auto options = options_for(server.port());
  options.dkim.push_back(ed25519_key());
  provider = make_smtp_transport(options);
  logon = provider->transport_logon(support);
  RecordingHandle handle(message_to({"a@example.com"}));
  EXPECT_EQ(submit(handle).code, mapi::S_OK);
  ASSERT_TRUE(server.wait_for(1, std::chrono::seconds{10}));
  EXPECT_THAT(server.messages().at(0).content(),
              testing::StartsWith("DKIM-Signature: v=1; a=ed25519-sha256;"));
}

TEST_F(SmtpTransportTest, APreprocessorIsRegisteredWhereSmimeIsAskedFor) {
  EXPECT_THAT(support.preprocessors, testing::IsEmpty());
  auto options = options_for(server.port());
  options.smime.emplace();
  provider = make_smtp_transport(options);
  logon = provider->transport_logon(support);
  ASSERT_THAT(support.preprocessors, testing::SizeIs(1));
  auto message = message_to({"a@example.com"});
  message.set(mapi::PR_SECURITY_FLAGS, mapi::SECFLAG_SIGNED);
  EXPECT_THAT(support.preprocessors.front().preprocess(message).undeliverable, testing::SizeIs(1));
}

TEST_F(SmtpTransportTest, WhatAsksForSecurityIsNotSentWithoutIt) {
  for (const auto flags : {mapi::SECFLAG_SIGNED, mapi::SECFLAG_ENCRYPTED}) {
    auto message = message_to({"a@example.com"});
    message.set(mapi::PR_SECURITY_FLAGS, flags);
    RecordingHandle handle(std::move(message));
    EXPECT_EQ(submit(handle).code, mapi::S_OK);
    EXPECT_EQ(handle.outcome(0).verdict, Verdict::failed);
    EXPECT_EQ(handle.outcome(0).status, (EnhancedStatus{5, 7, 4}));
  }
  EXPECT_THAT(server.messages(), testing::IsEmpty());
}

TEST_F(SmtpTransportTest, EachEntityIsSentToItsOwnRecipients) {
  RecordingHandle handle(
      secured_message_to({"a@example.com", "refuse-550@example.com", "c@example.com"}));
  EXPECT_EQ(submit(handle).code, mapi::S_OK);
  EXPECT_EQ(sender->end_message(), mapi::EndMessage::done);
  EXPECT_EQ(handle.outcome(0).verdict, Verdict::delivered);
  EXPECT_EQ(handle.outcome(1).verdict, Verdict::failed);
  EXPECT_EQ(handle.outcome(2).verdict, Verdict::delivered);
  EXPECT_EQ(support.reported.size(), 3U);
  ASSERT_TRUE(server.wait_for(2, std::chrono::seconds{10}));
  const auto caught = server.messages();
  ASSERT_EQ(caught.size(), 2U);
  for (const auto& [index, entity] : {std::pair{0U, "entity 0\r\n"}, {1U, "entity 2\r\n"}}) {
    EXPECT_EQ(caught[index].recipients.size(), 1U);
    EXPECT_TRUE(caught[index].content().ends_with(entity)) << caught[index].content();
  }
  const std::string transcript(handle.message().get_or(mapi::PR_POSTERN_TRANSCRIPT, ""));
  for (const auto* address : {"a@example.com", "refuse-550@example.com", "c@example.com"}) {
    EXPECT_THAT(transcript, HasSubstr(std::string("RCPT TO:<") + address));
  }
}

TEST_F(SmtpTransportTest, ARecipientWhoMustWaitDoesNotStopTheOtherEntities) {
  RecordingHandle handle(secured_message_to({"greylist@example.com", "b@example.com"}));
  EXPECT_EQ(submit(handle).code, mapi::S_OK);
  EXPECT_EQ(sender->end_message(), mapi::EndMessage::resend_later);
  EXPECT_FALSE(handle.is_settled(0));
  EXPECT_TRUE(handle.is_settled(1));
  EXPECT_EQ(submit(handle).code, mapi::S_OK);
  EXPECT_EQ(sender->end_message(), mapi::EndMessage::done);
  EXPECT_TRUE(handle.is_settled(0));
  ASSERT_TRUE(server.wait_for(2, std::chrono::seconds{10}));
  EXPECT_TRUE(server.messages().at(1).content().ends_with("entity 0\r\n"));
}

TEST_F(SmtpTransportTest, EntitiesAreSentToTheDomainsOfTheRouteOnly) {
  auto options = options_for(server.port());
  options.domains = {"example.com"};
  provider = make_smtp_transport(options);
  logon = provider->transport_logon(support);
  RecordingHandle handle(secured_message_to({"a@other.example", "b@example.com", "c@other.example",
                                             "greylist@example.com", "e@example.com"}));
  const auto result = submit(handle);
  EXPECT_EQ(result.code, mapi::S_OK);
  EXPECT_THAT(result.declined, testing::ElementsAre(0, 2));
  EXPECT_EQ(sender->end_message(), mapi::EndMessage::resend_later) << "because of greylist@";
  ASSERT_TRUE(server.wait_for(2, std::chrono::seconds{10}));
  const auto caught = server.messages();
  ASSERT_EQ(caught.size(), 2U);
  EXPECT_TRUE(caught[0].content().ends_with("entity 1\r\n"));
  EXPECT_TRUE(caught[1].content().ends_with("entity 4\r\n"));
  EXPECT_FALSE(handle.is_settled(0));
  EXPECT_FALSE(mapi::outcome(handle.message().recipients[2]));
}

TEST_F(SmtpTransportTest, AnAbsentRelayIsAskedOnceForAllEntities) {
  server.stop();
  RecordingHandle handle(secured_message_to({"a@example.com", "b@example.com"}));
  EXPECT_EQ(submit(handle).code, mapi::MAPI_E_NETWORK_ERROR);
  EXPECT_FALSE(mapi::outcome(handle.message().recipients[1]));
  EXPECT_FALSE(handle.is_settled(1));
}

/// What an attachment's data is where nothing more can be opened.
class ClosedContent final : public mapi::ContentSource {
 public:
  [[nodiscard]] std::uint64_t size() const override { return 1000; }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
    throw mapi::Failure(mapi::MAPI_E_NOT_ENOUGH_RESOURCES, "no file descriptor is left");
  }
};

TEST_F(SmtpTransportTest, WhatCannotBeReadForSigningForNowIsNobodysVerdict) {
  auto options = options_for(server.port());
  options.dkim.push_back(ed25519_key());
  provider = make_smtp_transport(options);
  logon = provider->transport_logon(support);
  auto message = message_to({"a@example.com"});
  message.attachments.push_back(
      mapi::make_attachment("data.bin", mapi::Content(std::make_shared<ClosedContent>())));
  RecordingHandle handle(std::move(message));
  try {
    submit(handle);
    ADD_FAILURE() << "it was no failure";
  } catch (const mapi::Failure& failure) {
    EXPECT_EQ(failure.code(), mapi::MAPI_E_NOT_ENOUGH_RESOURCES);
  }
  EXPECT_FALSE(handle.is_settled(0));
  EXPECT_FALSE(mapi::outcome(handle.message().recipients[0]));
}

TEST_F(SmtpTransportTest, WhatCannotBeSignedEverIsRefused) {
  auto options = options_for(server.port());
  options.dkim.push_back(ed25519_key());
  provider = make_smtp_transport(options);
  logon = provider->transport_logon(support);
  auto message = message_to({"a@example.com"});
  message.set(mapi::PR_SUBJECT, std::string(2 << 20, 'x'));
  RecordingHandle handle(std::move(message));
  EXPECT_EQ(submit(handle).code, mapi::S_OK);
  EXPECT_EQ(handle.outcome(0).verdict, Verdict::failed);
  EXPECT_EQ(handle.outcome(0).status, (EnhancedStatus{5, 6, 0}));
  EXPECT_THAT(handle.outcome(0).text, HasSubstr("larger than 1 MiB"));
}

TEST_F(SmtpTransportTest, WithoutADescriptorTheMessageIsNotAttempted) {
  POSTERN_NEEDS_DESCRIPTORS();
  RecordingHandle handle(message_to({"a@example.com"}));
  postern::test::DescriptorLimit limit;
  limit.begin();
  const auto result = submit(handle);
  EXPECT_EQ(result.code, mapi::MAPI_E_NOT_ENOUGH_RESOURCES);
  EXPECT_THAT(result.text, HasSubstr("ulimit -n"));
  limit.end();
  EXPECT_FALSE(mapi::outcome(handle.message().recipients[0]));
  EXPECT_EQ(submit(handle).code, mapi::S_OK);
  EXPECT_EQ(handle.outcome(0).verdict, Verdict::delivered);
}

TEST(SmtpTransportDeathTest, WithoutAThreadForTheEngineThereIsASentence) {
  POSTERN_NEEDS_ROOT();
  const auto fail = [] {
    SmtpTransportOptions options;
    options.client.relay = smtp::Relay::parse("smtp://127.0.0.1");
    try {
      make_smtp_transport(options);
    } catch (const mapi::Failure& failure) {
      const std::string sentence = failure.what();
      return failure.code() == mapi::MAPI_E_NOT_ENOUGH_RESOURCES &&
             sentence.find("ulimit -u") != std::string::npos;
    }
    return false;
  };
  EXPECT_EXIT(postern::test::exit_with_threads(0, fail), testing::ExitedWithCode(0), "");
}

TEST_F(SmtpTransportTest, SaysWhereTheServerReportsTheDelivery) {
  auto message = message_to({"a@example.com", "b@example.com"});
  message.recipients[0].set(mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, true);
  for (const bool local : {false, true}) {
    auto options = options_for(server.port());
    options.local_delivery_reports = local;
    provider = make_smtp_transport(options);
    logon = provider->transport_logon(support);
    RecordingHandle handle(message);
    EXPECT_EQ(submit(handle).code, mapi::S_OK);
    EXPECT_EQ(handle.outcome(0).next_hop_reports, !local);
    EXPECT_FALSE(handle.outcome(1).next_hop_reports);
  }
}

TEST_F(SmtpTransportTest, WhatIsCancelledBeforehandIsNotSent) {
  RecordingHandle handle(message_to({"a@example.com"}));
  sender = logon->sender(support);
  sender->cancel_message();
  EXPECT_EQ(submit_by(*sender, handle, support).code, mapi::MAPI_E_USER_CANCEL);
  EXPECT_FALSE(handle.is_settled(0));
}

/// The last ones are the spooler's to save, with the answer.
TEST_F(SmtpTransportTest, OutcomesAreSavedWithEachTransactionOfALongDelivery) {
  std::vector<std::string> addresses;
  for (int i = 0; i < 250; ++i) addresses.push_back("user" + std::to_string(i) + "@example.com");
  catcher::CatcherOptions few;
  few.maximum_recipients = 100;
  catcher::Catcher limited(std::move(few));
  provider = make_smtp_transport(options_for(limited.port()));
  logon = provider->transport_logon(support);
  RecordingHandle handle(message_to(addresses));
  EXPECT_EQ(submit(handle).code, mapi::S_OK);
  const auto count_settled = [](const mapi::Message& state) {
    return static_cast<std::size_t>(std::ranges::count_if(
        state.recipients,
        [](const mapi::Recipient& row) { return row.get_or(mapi::PR_RESPONSIBILITY, false); }));
  };
  std::vector<std::size_t> settled;
  for (const auto& state : handle.saved) settled.push_back(count_settled(state));
  // The Message-ID comes first. Two transactions may be over before the first one is saved.
  EXPECT_THAT(settled, testing::Each(testing::AnyOf(0, 100, 200)));
  EXPECT_TRUE(std::ranges::adjacent_find(settled, std::greater_equal{}) == settled.end());
  EXPECT_EQ(settled.front(), 0U);
  EXPECT_GE(settled.size(), 2U);
  EXPECT_EQ(count_settled(handle.message()), 250U);
  EXPECT_EQ(support.reported.size(), 250U);
  for (const auto& row : handle.message().recipients) EXPECT_EQ(mapi::attempts(row), 1);
}

TEST(SmtpTransport, MissingAuthIsACriticalErrorAndNobodysVerdict) {
  catcher::CatcherOptions server_options;
  server_options.user = "ann";
  server_options.password = "right";
  server_options.require_authentication = true;
  server_options.without_extensions = {"AUTH"};
  catcher::Catcher server(std::move(server_options));
  SmtpTransportOptions options;
  options.client.relay = smtp::Relay::parse("smtp://127.0.0.1:" + std::to_string(server.port()));
  const auto provider = make_smtp_transport(options);
  RecordingSupport support;
  const auto logon = provider->transport_logon(support);
  RecordingHandle handle(message_to({"a@example.com"}));
  const auto result = submit_by(*logon->sender(support), handle, support);
  EXPECT_NE(result.code, mapi::S_OK);
  EXPECT_GT(result.retry_after, std::chrono::minutes{4}) << "no message's schedule goes on by it";
  EXPECT_FALSE(handle.is_settled(0));
  EXPECT_EQ(handle.outcome(0).verdict, Verdict::retry);
  ASSERT_EQ(support.critical_errors.size(), 1U);
  EXPECT_THAT(support.critical_errors[0], HasSubstr("530"));
  EXPECT_TRUE(support.reported.empty());
  // The transport keeps the pause itself, and reports the fault once.
  EXPECT_TRUE(logon->registration().paces_itself);
  EXPECT_GT(submit_by(*logon->sender(support), handle, support).retry_after,
            std::chrono::minutes{4});
  EXPECT_EQ(support.critical_errors.size(), 1U);
}

}  // namespace
}  // namespace postern::transport
