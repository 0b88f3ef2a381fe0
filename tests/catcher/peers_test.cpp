// The catcher against clients that are not ours, and inside TLS.
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catcher/catcher.h"
#include "tests/catcher/certificate.h"
#include "tests/catcher/raw_client.h"
#include "tests/temporary_directory.h"
#include "tests/unavailable.h"

namespace postern::catcher {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class PeersTest : public testing::Test {
 protected:
  PeersTest() : certificate_(make_certificate(directory_.path())) {}

  [[nodiscard]] CatcherOptions secured() const {
    CatcherOptions options;
    options.certificate_file = certificate_.certificate_file;
    options.key_file = certificate_.key_file;
    options.user = "user";
    options.password = "pass";
    options.require_authentication = true;
    return options;
  }

  static bool has_python() { return std::system("python3 -c 'import smtplib, ssl'") == 0; }

  static void smtplib_delivers_to(const Catcher& catcher, const std::string& arguments = {}) {
    const std::string command = "python3 " POSTERN_CATCHER_TEST_DIR "/smtplib_peer.py " +
                                std::to_string(catcher.port()) + " " + arguments;
    ASSERT_EQ(std::system(command.c_str()), 0);
    ASSERT_EQ(catcher.messages().size(), 1U);
    const CaughtMessage message = catcher.messages()[0];
    EXPECT_THAT(message.content(), HasSubstr("\r\n.one dot\r\n..\r\n\xC3\xA4\r\n"));
    ASSERT_EQ(message.recipients.size(), 2U);
    EXPECT_EQ(message.recipients[1].address, "j\xC3\xBCrgen@example.org");
    EXPECT_EQ(message.tls.empty(), arguments.empty());
    EXPECT_EQ(message.auth_user, arguments.empty() ? "" : "user");
  }

  test::TemporaryDirectory directory_;
  Certificate certificate_;
};

TEST_F(PeersTest, SmtplibDeliversInTheClear) {
  if (!has_python()) {
    POSTERN_UNAVAILABLE() << "python3 with smtplib is not installed";
  }
  smtplib_delivers_to(Catcher(CatcherOptions{}));
}

TEST_F(PeersTest, SmtplibDeliversThroughStarttlsAndAuth) {
  if (!has_python()) {
    POSTERN_UNAVAILABLE() << "python3 with smtplib is not installed";
  }
  smtplib_delivers_to(Catcher(secured()), certificate_.certificate_file.string());
}

TEST_F(PeersTest, SmtplibDeliversThroughImplicitTls) {
  if (!has_python()) {
    POSTERN_UNAVAILABLE() << "python3 with smtplib is not installed";
  }
  CatcherOptions options = secured();
  options.implicit_tls = true;
  smtplib_delivers_to(Catcher(options), certificate_.certificate_file.string() + " implicit");
}

TEST_F(PeersTest, NothingMayFollowStarttlsInItsFlight) {
  const Catcher catcher(secured());
  RawClient client(catcher.port());
  client.reply();
  EXPECT_THAT(client.ask("EHLO x"), HasSubstr("STARTTLS"));
  client.send("STARTTLS\r\nMAIL FROM:<injected@example.org>\r\n");
  EXPECT_THAT(client.rest(), StartsWith("554 "));
}

TEST_F(PeersTest, AHandshakeOfJunkEndsTheConnection) {
  const Catcher catcher(secured());
  RawClient client(catcher.port());
  client.reply();
  client.ask("EHLO x");
  EXPECT_THAT(client.ask("STARTTLS"), StartsWith("220 "));
  client.send("this is no handshake\r\n");
  client.rest();
  EXPECT_EQ(catcher.count(), 0U);
}

}  // namespace
}  // namespace postern::catcher
