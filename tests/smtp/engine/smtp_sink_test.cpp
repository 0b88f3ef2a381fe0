// The engine against a server we did not write: Postfix's smtp-sink, started by the test on a free
// port of 127.0.0.1. Skipped where it is not installed.
#include <arpa/inet.h>
#include <csignal>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smtp/client.h"
#include "tests/smtp/support/letter.h"
#include "tests/smtp/support/loopback.h"
#include "tests/smtp/support/scripted_server.h"
#include "tests/unavailable.h"

namespace postern::smtp::test {
namespace {

constexpr const char* program = "/usr/sbin/smtp-sink";

/// A running smtp-sink with the given flags.
class Sink {
 public:
  explicit Sink(std::vector<std::string> flags) : port_(free_port()) {
    flags.insert(flags.begin(), program);
    if (::geteuid() == 0) flags.insert(flags.end(), {"-u", "nobody"});
    flags.insert(flags.end(), {"127.0.0.1:" + std::to_string(port_), "64"});
    std::vector<char*> arguments;
    for (std::string& flag : flags) arguments.push_back(flag.data());
    arguments.push_back(nullptr);
    if (::posix_spawn(&process_, program, nullptr, nullptr, arguments.data(), environ) != 0) {
      process_ = -1;
    }
  }
  ~Sink() {
    if (process_ <= 0) return;
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
  }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  /// Delivers, waiting for the sink to come up.
  Delivery deliver(const std::vector<std::string>& recipients, const OctetSource& message) const {
    ClientOptions options;
    options.relay = Relay::parse("smtp://127.0.0.1:" + std::to_string(port_));
    Client client(options);
    Delivery delivery;
    for (int attempt = 0; attempt < 200; ++attempt) {
      delivery = client.deliver(envelope_to(recipients), message);
      if (!delivery.route_fault || delivery.route_fault->outcome.stage != Stage::connect) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return delivery;
  }

 private:
  int port_;
  pid_t process_ = -1;
};

class SmtpSink : public testing::Test {
 protected:
  void SetUp() override {
    if (::access(program, X_OK) != 0) {
      POSTERN_UNAVAILABLE() << program << " (postfix) is not installed";
    }
  }
};

std::string verdicts(const Delivery& delivery) {
  std::string all;
  for (const Outcome& outcome : delivery.recipients) all.append(name(outcome.verdict)).append(" ");
  return all;
}

TEST_F(SmtpSink, DeliversPipelinedAndInLockStep) {
  for (const auto& flags : {std::vector<std::string>{}, {"-p"}, {"-e"}}) {
    EXPECT_EQ(verdicts(Sink(flags).deliver({"a@x.example", "b@x.example"}, letter)),
              "delivered delivered ");
  }
}

TEST_F(SmtpSink, RefusalsAtEveryStageAreTheRecipientsVerdicts) {
  for (const char* stage : {"mail", "rcpt", "data", "."}) {
    EXPECT_EQ(verdicts(Sink({"-f", stage}).deliver({"a@x.example", "b@x.example"}, letter)),
              "failed failed ")
        << stage;
    EXPECT_EQ(verdicts(Sink({"-r", stage}).deliver({"a@x.example", "b@x.example"}, letter)),
              "retry retry ")
        << stage;
  }
}

TEST_F(SmtpSink, DisconnectsAreRetriedBeforeTheDotAndUnknownBehindIt) {
  for (const char* stage : {"mail", "rcpt", "data"}) {
    EXPECT_EQ(verdicts(Sink({"-q", stage}).deliver({"a@x.example"}, letter)), "retry ") << stage;
  }
  EXPECT_EQ(verdicts(Sink({"-q", "."}).deliver({"a@x.example"}, letter)), "unknown ");
}

TEST_F(SmtpSink, ThousandRecipientsThroughATinyWindow) {
  std::vector<std::string> thousand;
  for (int index = 0; index < 1000; ++index) {
    thousand.push_back("recipient" + std::to_string(index) + "@x.example");
  }
  const Delivery delivery = Sink({"-T", "500"}).deliver(thousand, letter);
  for (const Outcome& outcome : delivery.recipients) {
    ASSERT_EQ(outcome.verdict, Verdict::delivered) << outcome.text;
  }
}

}  // namespace
}  // namespace postern::smtp::test
