// The questions to a running spooler: the table of requests, and the socket around it.
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/control/control_client.h"
#include "cli/control/control_server.h"
#include "cli/control/request.h"
#include "cli/control/socket_address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "tests/temporary_directory.h"

namespace postern::cli {
namespace {

namespace fs = std::filesystem;

mapi::PropertyBag row(const char* name, std::int32_t type, std::int32_t status) {
  mapi::PropertyBag found;
  found.set(mapi::PR_DISPLAY_NAME, name);
  found.set(mapi::PR_RESOURCE_TYPE, type);
  found.set(mapi::PR_STATUS_CODE, status);
  return found;
}

class Requests : public ::testing::Test {
 protected:
  Requests() {
    control.status = [this] { return rows; };
    control.routes = [] { return std::vector<mapi::PropertyBag>{}; };
    control.flush = [this] { ++flushes; };
    control.cancel = [this](std::string_view id) {
      cancelled.emplace_back(id);
      return id == "7";
    };
  }
  [[nodiscard]] std::string answer(std::string_view line) const {
    return answer_request(line, control).dump();
  }

  std::vector<mapi::PropertyBag> rows;
  int flushes = 0;
  std::vector<std::string> cancelled;
  SpoolerControl control;
};

TEST_F(Requests, StatusTellsTheStateItsReasonAndItsEnd) {
  rows.push_back(
      row("spooler", mapi::MAPI_SPOOLER, mapi::STATUS_AVAILABLE | mapi::STATUS_OUTBOUND_ACTIVE));
  rows.push_back(row("relay", mapi::MAPI_TRANSPORT_PROVIDER, mapi::STATUS_OFFLINE));
  rows.back().set(mapi::PR_STATUS_STRING, "it is down");
  rows.back().set(mapi::PR_POSTERN_NEXT_ATTEMPT, mapi::FileTime::from({}));
  rows.push_back(row("other", mapi::MAPI_TRANSPORT_PROVIDER,
                     mapi::STATUS_FAILURE | mapi::STATUS_OUTBOUND_FLUSH));
  EXPECT_EQ(answer("status"),
            R"({"spooler":{"name":"spooler","state":"available","sending":true,"flushing":false},)"
            R"("transports":[{"name":"relay","state":"offline","sending":false,"flushing":false,)"
            R"("reason":"it is down","until":"1970-01-01T00:00:00Z"},)"
            R"({"name":"other","state":"failed","sending":false,"flushing":true}],"routes":[]})");
}

TEST_F(Requests, FlushAndCancelAreDone) {
  EXPECT_EQ(answer("flush\r"), R"({"done":true})");
  EXPECT_EQ(flushes, 1);
  EXPECT_EQ(answer("cancel 7"), R"({"done":true})");
  EXPECT_EQ(answer("cancel  8 "), R"({"done":false})");
  EXPECT_EQ(cancelled, (std::vector<std::string>{"7", "8"}));
}

TEST_F(Requests, WhatIsNoneIsAnsweredAndNotRepeated) {
  for (const char* line :
       {"", "Flush", "flus", "flushing", "\x1b[2J", "status\tx", "GET / HTTP/1.1"}) {
    EXPECT_EQ(answer(line), R"({"error":"the request is none of status, flush and cancel ID"})")
        << line;
  }
  EXPECT_EQ(answer("cancel"), R"({"error":"the request cancel needs the id of a message"})");
  EXPECT_EQ(answer("flush all"), R"({"error":"the request flush takes no argument"})");
  EXPECT_EQ(flushes, 0);
}

TEST_F(Requests, FailuresAreSentences) {
  control.flush = [] { throw mapi::Failure(mapi::MAPI_E_BUSY, "the store is busy"); };
  EXPECT_EQ(answer("flush"), R"({"error":"the store is busy"})");
}

/// A raw connection to the socket, which says what it likes.
class RawClient {
 public:
  explicit RawClient(const fs::path& store)
      : descriptor_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const SocketAddress address(store);
    const auto* generic = reinterpret_cast<const sockaddr*>(&address.address());
    connected_ = ::connect(descriptor_, generic, sizeof address.address()) == 0;
  }
  ~RawClient() { ::close(descriptor_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }
  void say(const std::string& octets) const {
    (void)::send(descriptor_, octets.data(), octets.size(), MSG_NOSIGNAL);
  }
  /// Everything until the server closes.
  [[nodiscard]] std::string hear() const {
    std::string heard;
    char octet = 0;
    while (::recv(descriptor_, &octet, 1, 0) == 1) heard += octet;
    return heard;
  }

 private:
  int descriptor_;
  bool connected_ = false;
};

class ControlSocket : public ::testing::Test {
 protected:
  ControlSocket() : store(directory / "store") { std::ofstream{store}; }

  void serve() {
    server = std::make_unique<ControlServer>(store, [this](std::string_view line) {
      ++requests;
      return R"({"heard":")" + std::to_string(line.size()) + "\"}\n";
    });
  }
  [[nodiscard]] fs::path socket() const { return store.string() + ".socket"; }
  [[nodiscard]] mapi::Code code_of_serving() {
    try {
      serve();
    } catch (const mapi::Failure& failure) {
      return failure.code();
    }
    return mapi::S_OK;
  }

  postern::test::TemporaryDirectory directory;
  fs::path store;
  std::atomic<int> requests = 0;
  std::unique_ptr<ControlServer> server;
};

TEST_F(ControlSocket, CarriesARequestAndItsAnswer) {
  EXPECT_FALSE(ask_spooler(store, "status"));
  serve();
  EXPECT_EQ(ask_spooler(store, "status").value()["heard"], "6");
  server.reset();
  EXPECT_FALSE(fs::exists(socket()));
  EXPECT_FALSE(ask_spooler(store, "status"));
}

TEST_F(ControlSocket, HasThePermissionsOfTheStore) {
  fs::permissions(store, fs::perms{0640});
  serve();
  EXPECT_EQ(fs::status(socket()).permissions(), fs::perms{0640});
}

TEST_F(ControlSocket, OfADeadSpoolerIsReplaced) {
  {
    const SocketAddress address(store);
    const int dead = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto* generic = reinterpret_cast<const sockaddr*>(&address.address());
    ASSERT_EQ(::bind(dead, generic, sizeof address.address()), 0);
    ::close(dead);
  }
  ASSERT_TRUE(fs::exists(socket()));
  EXPECT_FALSE(ask_spooler(store, "status"));
  serve();
  EXPECT_TRUE(ask_spooler(store, "status"));
}

TEST_F(ControlSocket, TakesNobodyElsesPlace) {
  std::ofstream{socket()} << "a letter";
  EXPECT_EQ(code_of_serving(), mapi::MAPI_E_COLLISION);
  EXPECT_EQ(fs::file_size(socket()), 8U);
}

TEST_F(ControlSocket, WorksBelowALongPath) {
  auto deep = directory / std::string(100, 'd') / std::string(100, 'e');
  fs::create_directories(deep);
  store = deep / "store";
  std::ofstream{store};
  serve();
  EXPECT_TRUE(fs::is_socket(socket()));
  EXPECT_TRUE(ask_spooler(store, "status"));
  server.reset();
  EXPECT_FALSE(fs::exists(socket()));
}

TEST_F(ControlSocket, WithANameThatIsTooLongIsRefused) {
  store = directory / std::string(120, 's');
  std::ofstream{store};
  EXPECT_EQ(code_of_serving(), mapi::MAPI_E_STRING_TOO_LONG);
}

TEST_F(ControlSocket, OutlivesGarbageAndClientsThatSayNothing) {
  serve();
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int i = 0; i < 10; ++i) silent.push_back(std::make_unique<RawClient>(store));
  const RawClient endless(store);
  endless.say(std::string(10'000, 'x'));
  EXPECT_EQ(endless.hear(), "");
  const RawClient binary(store);
  binary.say(std::string("\0\xff\n\n\n", 5));
  EXPECT_EQ(binary.hear(), "{\"heard\":\"2\"}\n");
  { const RawClient gone(store); }
  EXPECT_TRUE(ask_spooler(store, "status"));
  EXPECT_EQ(requests, 2);
}

TEST_F(ControlSocket, EndsAConnectionThatSaysNothingForTooLong) {
  serve();
  const RawClient silent(store);
  const auto begin = std::chrono::steady_clock::now();
  silent.say("stat");
  EXPECT_EQ(silent.hear(), "");
  EXPECT_GT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{4});
}

TEST_F(ControlSocket, AnswersAgainOnceTooManyClientsHaveGone) {
  serve();
  {
    std::vector<std::unique_ptr<RawClient>> silent;
    for (int i = 0; i < 40; ++i) silent.push_back(std::make_unique<RawClient>(store));
    ASSERT_TRUE(silent.back()->connected());
  }
  std::optional<nlohmann::ordered_json> answer;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (!answer && std::chrono::steady_clock::now() < end) {
    try {
      answer = ask_spooler(store, "status");
    } catch (const mapi::Failure&) {
      continue;
    }
  }
  EXPECT_TRUE(answer);
}

TEST_F(ControlSocket, ClosesWithClientsConnected) {
  serve();
  const RawClient silent(store);
  server.reset();
  EXPECT_EQ(silent.hear(), "");
}

}  // namespace
}  // namespace postern::cli
