#include "gateway/gateway.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catcher/catcher.h"
#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "tests/temporary_directory.h"
#include "transport/maildir_transport.h"

namespace postern::gateway {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

mapi::Message message_to(const std::vector<std::string>& addresses) {
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  message.set(mapi::PR_SUBJECT, "Hello");
  message.set(mapi::PR_BODY, "Good morning.");
  mapi::set_address(message, mapi::sender_group, "ann@example.com");
  for (const auto& address : addresses) {
    message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::to, address));
  }
  return message;
}

class GatewayTest : public testing::Test {
 protected:
  GatewayOptions options() {
    GatewayOptions options;
    options.store = directory_.path() / "store.sqlite";
    options.relay = "smtp://127.0.0.1:" + std::to_string(catcher_.port());
    return options;
  }

  test::TemporaryDirectory directory_;
  catcher::Catcher catcher_{catcher::CatcherOptions{}};
};

mapi::Code code_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const mapi::Failure& failure) {
    return failure.code();
  }
  return mapi::S_OK;
}

TEST_F(GatewayTest, TheProgramKnowsWhoIsInADistributionList) {
  auto with_lists = options();
  with_lists.support.resolver = [](const mapi::Recipient& list) {
    EXPECT_EQ(list.get(mapi::PR_DISPLAY_NAME), "Friends");
    return std::optional(
        std::vector{mapi::make_recipient(mapi::RecipientType::to, "bob@example.org"),
                    mapi::make_recipient(mapi::RecipientType::to, "carl@example.org")});
  };
  auto message = message_to({});
  message.recipients.resize(1);
  message.recipients[0].set(mapi::PR_ADDRTYPE, std::string(mapi::MAPIPDL));
  message.recipients[0].set(mapi::PR_DISPLAY_NAME, "Friends");
  Gateway gateway(with_lists);
  const auto status = gateway.wait(gateway.submit(message), 20s);
  ASSERT_EQ(status.recipients.size(), 2U);
  EXPECT_EQ(status.recipients[1].address, "carl@example.org");
  EXPECT_EQ(status.recipients[1].outcome->verdict, Verdict::delivered);
}

TEST_F(GatewayTest, TellsTheVerdictOfEachRecipient) {
  Gateway gateway(options());
  const auto entry = gateway.submit(message_to({"bob@example.org", "refuse-550@example.org"}));
  const auto status = gateway.wait(entry, 20s);
  EXPECT_TRUE(status.finished);
  ASSERT_EQ(status.recipients.size(), 2U);
  EXPECT_EQ(status.recipients[0].address, "bob@example.org");
  ASSERT_TRUE(status.recipients[0].outcome);
  EXPECT_EQ(status.recipients[0].outcome->verdict, Verdict::delivered);
  ASSERT_TRUE(status.recipients[1].outcome);
  EXPECT_EQ(status.recipients[1].outcome->verdict, Verdict::failed);
  EXPECT_EQ(status.recipients[1].outcome->code, 550);
  EXPECT_EQ(catcher_.count(), 1U);
  const auto& store = gateway.store();
  EXPECT_EQ(store.contents(store.folder(mapi::SpecialFolder::inbox)).size(), 1U) << "the report";
}

TEST_F(GatewayTest, OtherTransportsAreAskedBeforeTheRelay) {
  const auto drop = directory_.path() / "drop";
  auto several = options();
  several.transports.push_back(
      transport::make_maildir_transport({.mailbox = drop, .domains = {"example.org"}}));
  Gateway gateway(several);
  const auto status =
      gateway.wait(gateway.submit(message_to({"bob@example.org", "ann@example.net"})), 20s);
  EXPECT_TRUE(status.finished);
  for (const auto& recipient : status.recipients) {
    ASSERT_TRUE(recipient.outcome);
    EXPECT_EQ(recipient.outcome->verdict, Verdict::delivered) << recipient.address;
  }
  const std::filesystem::directory_iterator files(drop / "new");
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
  EXPECT_EQ(catcher_.count(), 1U);
}

TEST_F(GatewayTest, WithoutARelayWhomNoTransportTakesIsReported) {
  auto no_relay = options();
  no_relay.relay.clear();
  no_relay.transports.push_back(transport::make_maildir_transport(
      {.mailbox = directory_.path() / "drop", .domains = {"example.org"}}));
  Gateway gateway(no_relay);
  const auto status = gateway.wait(gateway.submit(message_to({"ann@example.net"})), 20s);
  EXPECT_TRUE(status.finished);
  ASSERT_TRUE(status.recipients.at(0).outcome);
  EXPECT_EQ(status.recipients[0].outcome->status, (EnhancedStatus{5, 4, 4}));
}

TEST_F(GatewayTest, RemembersVerdictsOfMessagesThatAreDeletedOnceSent) {
  Gateway gateway(options());
  auto message = message_to({"bob@example.org"});
  message.set(mapi::PR_DELETE_AFTER_SUBMIT, true);
  for (int i = 0; i < 20; ++i) {
    const auto entry = gateway.submit(message);
    const auto status = gateway.wait(entry, 20s);
    EXPECT_TRUE(status.finished);
    ASSERT_EQ(status.recipients.size(), 1U);
    ASSERT_TRUE(status.recipients[0].outcome);
    EXPECT_EQ(status.recipients[0].outcome->verdict, Verdict::delivered);
    EXPECT_TRUE(gateway.status(entry).finished);
  }
}

TEST_F(GatewayTest, EventsTellWhatWaitTells) {
  std::atomic<int> finished = 0;
  auto listening = options();
  listening.events.status = [&](const MessageStatus& status) {
    if (status.finished) ++finished;
  };
  Gateway gateway(std::move(listening));
  EXPECT_TRUE(gateway.wait(gateway.submit(message_to({"bob@example.org"})), 20s).finished);
  gateway.stop();
  EXPECT_EQ(finished, 1);
}

TEST_F(GatewayTest, ManyThreadsSubmitAtOnce) {
  Gateway gateway(options());
  std::vector<std::thread> threads;
  std::atomic<int> finished = 0;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5; ++i) {
        const auto entry = gateway.submit(message_to({"bob@example.org"}));
        if (gateway.wait(entry, 30s).finished) ++finished;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(finished, 20);
  EXPECT_EQ(catcher_.count(), 20U);
}

TEST_F(GatewayTest, WhatWasSubmittedIsSentByTheNextGateway) {
  auto nobody_there = options();
  nobody_there.relay = "smtp://127.0.0.1:1";
  nobody_there.retry.intervals = {std::chrono::milliseconds{1}};
  mapi::EntryId entry;
  {
    Gateway gateway(std::move(nobody_there));
    entry = gateway.submit(message_to({"bob@example.org"}));
    const auto status = gateway.wait(entry, 200ms);
    EXPECT_FALSE(status.finished);
  }
  EXPECT_EQ(catcher_.count(), 0U);
  Gateway gateway(options());
  EXPECT_TRUE(gateway.wait(entry, 20s).finished);
  EXPECT_EQ(catcher_.count(), 1U);
}

TEST_F(GatewayTest, RefusesWithACodeAndASentence) {
  auto bad_relay = options();
  bad_relay.relay = "ftp://example.org";
  EXPECT_EQ(code_of([&] { Gateway gateway(bad_relay); }), mapi::MAPI_E_INVALID_PARAMETER);
  Gateway gateway(options());
  EXPECT_EQ(code_of([&] { Gateway another(options()); }), mapi::MAPI_E_BUSY);
  EXPECT_EQ(code_of([&] { gateway.submit(message_to({})); }), mapi::MAPI_E_NO_RECIPIENTS);
}

TEST_F(GatewayTest, StopEndsWhoeverWaits) {
  auto nobody_there = options();
  nobody_there.relay = "smtp://127.0.0.1:1";
  Gateway gateway(std::move(nobody_there));
  const auto entry = gateway.submit(message_to({"bob@example.org"}));
  std::thread waiting([&] { EXPECT_FALSE(gateway.wait(entry, 10min).finished); });
  gateway.stop();
  waiting.join();
}

}  // namespace
}  // namespace postern::gateway
