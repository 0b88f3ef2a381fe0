#include "catcher/catcher.h"

#include <atomic>
#include <cerrno>
#include <fstream>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/catcher/raw_client.h"
#include "tests/temporary_directory.h"

namespace postern::catcher {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr auto patience = 30s;

/// A client that has been greeted and has said EHLO.
struct Greeted : RawClient {
  explicit Greeted(const Catcher& catcher) : RawClient(catcher.port()) {
    EXPECT_THAT(reply(), StartsWith("220 "));
    EXPECT_THAT(ask("EHLO client.example"), StartsWith("250-"));
  }
};

TEST(Catcher, ListensOnAnyFreePort) {
  const Catcher first(CatcherOptions{});
  const Catcher second(CatcherOptions{});
  EXPECT_NE(first.port(), 0);
  EXPECT_NE(first.port(), second.port());
}

TEST(Catcher, TakesAPipelinedTransactionInOneFlight) {
  std::atomic<std::uint64_t> told = 0;
  const Catcher catcher(
      CatcherOptions{.on_message = [&](const CaughtMessage& message) { told = message.number; }});
  Greeted client(catcher);
  client.send(
      "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<refuse-550@d>\r\nDATA\r\n"
      "Subject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n");
  const std::string replies = client.rest();
  EXPECT_THAT(replies,
              AllOf(StartsWith("250 2.1.0"), HasSubstr("\r\n550 5.1.1"), HasSubstr("\r\n354 "),
                    HasSubstr("\r\n250 2.0.0 kept"), HasSubstr("\r\n221 ")));
  ASSERT_EQ(catcher.messages().size(), 1U);
  EXPECT_EQ(catcher.messages()[0].content(), "Subject: x\r\n\r\n.dot\r\n");
  EXPECT_EQ(told, 1U);
}

TEST(Catcher, TakesWhatComesOctetByOctet) {
  const Catcher catcher(CatcherOptions{});
  Greeted client(catcher);
  for (const char c :
       std::string("MAIL FROM:<a@b>\nRCPT TO:<c@d>\r\nBDAT 5 LAST\r\n.\r\n\r\nQUIT\r\n")) {
    client.send(std::string(1, c));
  }
  client.rest();
  ASSERT_EQ(catcher.messages().size(), 1U);
  EXPECT_EQ(catcher.messages()[0].content(), ".\r\n\r\n");
}

TEST(Catcher, EarlierRepliesArriveBeforeADrop) {
  const Catcher catcher(CatcherOptions{});
  Greeted client(catcher);
  client.send("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<drop@d>\r\nRCPT TO:<e@d>\r\nDATA\r\n");
  EXPECT_EQ(client.rest(), "250 2.1.0 <a@b>: sender noted\r\n250 2.1.5 <c@d>: welcome\r\n");
}

TEST(Catcher, HangsUpInTheMiddleOfTheContent) {
  const test::TemporaryDirectory directory;
  const Catcher catcher(CatcherOptions{.directory = directory.path()});
  Greeted client(catcher);
  client.ask("MAIL FROM:<a@b>");
  client.ask("RCPT TO:<drop-data@d>");
  EXPECT_THAT(client.ask("DATA"), StartsWith("354 "));
  const std::string line = std::string(76, 'x') + "\r\n";
  while (client.send(line)) {
  }
  EXPECT_EQ(client.rest(), "");
  EXPECT_EQ(catcher.count(), 0U);
  EXPECT_EQ(directory.names().size(), 0U);
}

TEST(Catcher, HangsUpAfterTheFinalDotButKeepsTheMessage) {
  const Catcher catcher(CatcherOptions{});
  Greeted client(catcher);
  client.ask("MAIL FROM:<a@b>");
  client.ask("RCPT TO:<drop-end@d>");
  client.ask("DATA");
  client.send("x\r\n.\r\n");
  EXPECT_EQ(client.rest(), "");
  EXPECT_EQ(catcher.count(), 1U);
}

TEST(Catcher, RepliesBeforeASlowOneAreNotHeldBack) {
  const Catcher catcher(CatcherOptions{});
  Greeted client(catcher);
  client.send("MAIL FROM:<a@b>\r\nRCPT TO:<slow-600@d>\r\n");
  EXPECT_THAT(client.reply(), StartsWith("250 2.1.0"));
}

TEST(Catcher, StopEndsEveryWaitAtOnce) {
  const test::TemporaryDirectory directory;
  Catcher catcher(CatcherOptions{.directory = directory.path()});
  Greeted idle(catcher);
  Greeted slow(catcher);
  slow.send("MAIL FROM:<slow-600@d>\r\n");
  Greeted half(catcher);
  half.ask("MAIL FROM:<a@b>");
  half.ask("RCPT TO:<a@b>");
  half.ask("DATA");
  half.send("half a message");
  const std::uint16_t port = catcher.port();
  catcher.stop();
  EXPECT_EQ(idle.rest() + slow.rest() + half.rest(), "");
  EXPECT_THROW(RawClient refused(port), std::runtime_error);
  EXPECT_EQ(directory.names().size(), 0U);
  catcher.stop();
}

TEST(Catcher, RunsOnTheCallersContextAndThreads) {
  boost::asio::io_context context;
  {
    Catcher catcher(CatcherOptions{}, context);
    std::thread first([&] { context.run(); });
    std::thread second([&] { context.run(); });
    {
      Greeted client(catcher);
      client.send("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n.\r\nQUIT\r\n");
      client.rest();
    }
    EXPECT_TRUE(catcher.wait_for(1, patience));
    catcher.stop();
    first.join();
    second.join();
  }
  Catcher never_run(CatcherOptions{}, context);
}

TEST(Catcher, MayBeStoppedFromItsOwnCallback) {
  std::unique_ptr<Catcher> catcher;
  catcher = std::make_unique<Catcher>(
      CatcherOptions{.on_message = [&](const CaughtMessage&) { catcher->stop(); }});
  Greeted client(*catcher);
  client.send("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n.\r\n");
  client.rest();
  EXPECT_EQ(catcher->count(), 1U);
}

TEST(Catcher, ManyConnectionsAtOnceLoseNothing) {
  const test::TemporaryDirectory directory;
  const Catcher catcher(CatcherOptions{.directory = directory.path()});
  constexpr std::size_t connections = 200;
  std::vector<std::unique_ptr<Greeted>> clients;
  for (std::size_t i = 0; i < connections; ++i) {
    clients.push_back(std::make_unique<Greeted>(catcher));
  }
  for (std::size_t i = 0; i < connections; ++i) {
    clients[i]->send("MAIL FROM:<a@b>\r\nRCPT TO:<" + std::to_string(i) +
                     "@d>\r\nDATA\r\nhello\r\n");
  }
  for (const auto& client : clients) client->send("world\r\n.\r\nQUIT\r\n");
  for (const auto& client : clients) EXPECT_THAT(client->rest(), HasSubstr("\r\n250 2.0.0 kept"));
  EXPECT_EQ(catcher.messages().size(), connections);
  EXPECT_EQ(directory.names().size(), 2 * connections);
}

TEST(Catcher, ConnectionsBeyondTheLimitAreToldSo) {
  const Catcher catcher(CatcherOptions{.maximum_connections = 1});
  const Greeted first(catcher);
  RawClient second(catcher.port());
  EXPECT_THAT(second.rest(), StartsWith("421 4.3.2 "));
}

TEST(Catcher, ALongLineIsSkippedInBoundedMemory) {
  const Catcher catcher(CatcherOptions{});
  Greeted client(catcher);
  const std::string block(1 << 16, 'x');
  for (int i = 0; i < 256; ++i) ASSERT_TRUE(client.send(block));
  EXPECT_EQ(client.ask(""), "500 5.5.2 the line is too long\r\n");
  EXPECT_THAT(client.ask("NOOP"), StartsWith("250 "));
}

TEST(Catcher, ALineThatNeverEndsIsGivenUpAsAWhole) {
  const Catcher catcher(CatcherOptions{.command_timeout = 200ms});
  RawClient client(catcher.port());
  client.reply();
  std::atomic<bool> closed = false;
  std::thread dripping([&] {
    while (!closed && client.send("x")) std::this_thread::sleep_for(20ms);
  });
  EXPECT_THAT(client.rest(), StartsWith("421 4.4.2 "));
  closed = true;
  dripping.join();
}

TEST(Catcher, ContentThatStopsComingIsGivenUp) {
  const test::TemporaryDirectory directory;
  const Catcher catcher(CatcherOptions{.directory = directory.path(), .content_timeout = 100ms});
  Greeted client(catcher);
  client.ask("MAIL FROM:<a@b>");
  client.ask("RCPT TO:<a@b>");
  client.ask("DATA");
  client.send("half");
  EXPECT_THAT(client.rest(), StartsWith("421 4.4.2 "));
  EXPECT_EQ(catcher.count(), 0U);
}

TEST(Catcher, APeerThatReadsNothingIsGivenUp) {
  const Catcher catcher(
      CatcherOptions{.maximum_commands = 1'000'000'000, .command_timeout = 200ms});
  RawClient client(catcher.port());
  std::string flood;
  for (int i = 0; i < 1000; ++i) flood += "HELP\r\n";
  while (client.send(flood)) {
  }
  EXPECT_THAT(errno, AnyOf(EPIPE, ECONNRESET))
      << "the catcher closed; it did not only stop reading";
}

TEST(Catcher, OptionsThatContradictEachOtherAreRefused) {
  EXPECT_THROW(Catcher(CatcherOptions{.certificate_file = "x"}), std::invalid_argument);
  EXPECT_THROW(Catcher(CatcherOptions{.implicit_tls = true}), std::invalid_argument);
  EXPECT_THROW(Catcher(CatcherOptions{.require_authentication = true}), std::invalid_argument);
  EXPECT_THROW(Catcher(CatcherOptions{.host_name = "a\r\nb"}), std::invalid_argument);
}

std::string failure_of(const CatcherOptions& options) {
  try {
    const Catcher catcher(options);
  } catch (const std::runtime_error& failure) {
    return failure.what();
  }
  return "none";
}

TEST(Catcher, WhatCannotBeUsedIsNamedInOneSentence) {
  const Catcher catcher(CatcherOptions{});
  EXPECT_THAT(failure_of(CatcherOptions{.port = catcher.port()}),
              HasSubstr("127.0.0.1 port " + std::to_string(catcher.port())));
  EXPECT_THAT(failure_of(CatcherOptions{.address = "no address"}), HasSubstr("no address"));
  EXPECT_THAT(
      failure_of(CatcherOptions{.certificate_file = "/no/certificate", .key_file = "/no/key"}),
      HasSubstr("/no/certificate"));
}

}  // namespace
}  // namespace postern::catcher
