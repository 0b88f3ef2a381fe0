// Without descriptors: links that cannot be opened are retried, and nobody gets a verdict of it.
#include <atomic>
#include <cerrno>
#include <dirent.h>
#include <filesystem>
#include <future>
#include <new>
#include <stdexcept>
#include <system_error>
#include <vector>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smtp/auth/token_command.h"
#include "smtp/client.h"
#include "smtp/dns/resolver.h"
#include "smtp/engine/run_context.h"
#include "smtp/io/callback_failure.h"
#include "smtp/io/curl_multi.h"
#include "tests/resource_limits.h"
#include "tests/smtp/support/connecting.h"
#include "tests/smtp/support/dns_responder.h"
#include "tests/smtp/support/letter.h"
#include "tests/smtp/support/network_options.h"
#include "tests/smtp/support/on_context.h"
#include "tests/smtp/support/scripted_server.h"

namespace postern::smtp::test {
namespace {

using namespace std::chrono_literals;
using postern::test::DescriptorLimit;
using testing::HasSubstr;

void expect_to_be_tried_later(const Delivery& delivery) {
  const Outcome& outcome = delivery.recipients.at(0);
  EXPECT_EQ(outcome.verdict, Verdict::retry);
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.text, HasSubstr("no file descriptor is left (the limit is "));
  EXPECT_THAT(outcome.text, HasSubstr("ulimit -n"));
  ASSERT_TRUE(delivery.route_fault);
  EXPECT_TRUE(delivery.route_fault->out_of_resources);
  EXPECT_FALSE(delivery.route_fault->configuration);
}

/// Two handlers within a third that lack something are two exceptions at once.
TEST(RunContext, GoesOnWhateverNumberOfHandlersLacksAResource) {
  const auto lack = [] { throw std::system_error(EMFILE, std::generic_category()); };
  for (int handlers = 1; handlers <= 3; ++handlers) {
    asio::io_context context;
    bool is_over = false;
    asio::post(context, [&] {
      for (int i = 0; i < handlers; ++i) asio::dispatch(context, lack);
      asio::post(context, [&] { is_over = true; });
    });
    EXPECT_NO_THROW(run_context(context)) << handlers;
    EXPECT_TRUE(is_over) << handlers;
  }
}

TEST(RunContext, ThrowsWhatIsABug) {
  asio::io_context context;
  asio::post(context, [&] {
    for (int i = 0; i < 2; ++i) asio::dispatch(context, [] { throw std::logic_error("a bug"); });
  });
  EXPECT_THROW(run_context(context), std::exception);
}

TEST(WithoutDescriptors, NoSocketIsNobodysVerdictAndTheRouteIsNotLeftAlone) {
  POSTERN_NEEDS_DESCRIPTORS();
  NetworkServer server([](Peer& peer, int) {
    peer.greet(plain);
    peer.serve();
  });
  std::atomic<int> told = 0;
  ClientOptions options = options_for(server);
  options.timeouts.connect = 20s;
  options.route_changed = [&](const RouteStatus&) { ++told; };
  Client client(options);
  DescriptorLimit limit;
  limit.begin();
  const Delivery delivery = client.deliver(to_one, letter);
  limit.end();
  expect_to_be_tried_later(delivery);
  EXPECT_FALSE(client.routes().at(0).suspended);
  EXPECT_EQ(told, 0);
  EXPECT_EQ(verdict_of(client.deliver(to_one, letter)), Verdict::delivered);
}

TEST(WithoutDescriptors, SocketThatCannotBeWatchedEndsItsAttemptAtOnce) {
  POSTERN_NEEDS_DESCRIPTORS();
  NetworkServer server([](Peer& peer, int) {
    peer.greet(plain);
    peer.serve();
  });
  ClientOptions options = options_for(server);
  options.timeouts.connect = 20s;
  Client client(options);
  DescriptorLimit limit(1);
  limit.begin();
  const auto start = std::chrono::steady_clock::now();
  const Delivery delivery = client.deliver(to_one, letter);
  limit.end();
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
  expect_to_be_tried_later(delivery);
  EXPECT_EQ(verdict_of(client.deliver(to_one, letter)), Verdict::delivered);
}

TEST(WithoutDescriptors, NoMessageIsLostWhereverTheyRunOut) {
  POSTERN_NEEDS_DESCRIPTORS();
  NetworkServer server([](Peer& peer, int) {
    peer.greet(plain);
    peer.serve();
  });
  constexpr std::size_t messages = 8;
  ClientOptions options = options_for(server);
  options.timeouts.connect = options.timeouts.greeting = 500ms;  // the server is without, too
  for (int more = 0; more < 24; ++more) {
    Client client(options);
    DescriptorLimit limit(more);
    limit.begin();
    std::vector<std::promise<Delivery>> deliveries(messages);
    const auto source = std::make_shared<TextSource>("Subject: x\r\n\r\nbody\r\n");
    for (auto& delivery : deliveries) {
      client.start({to_one, source}, [&](Delivery made) { delivery.set_value(std::move(made)); });
    }
    for (auto& delivery : deliveries) {
      const Verdict verdict = verdict_of(delivery.get_future().get());
      EXPECT_TRUE(verdict == Verdict::delivered || verdict == Verdict::retry) << more;
    }
  }
}

TEST(WithoutDescriptors, MessageGoesOverALinkThatIsOpen) {
  POSTERN_NEEDS_DESCRIPTORS();
  std::promise<void> begun;
  std::promise<void> release;
  NetworkServer server([&](Peer& peer, int) {
    peer.greet("250 test.example\r\n");
    peer.take_envelope();
    begun.set_value();
    release.get_future().wait();
    peer.content();
    peer.say("250 taken\r\n");
    peer.serve();
  });
  Client client(options_for(server));
  auto first = std::async(std::launch::async, [&] { return client.deliver(to_one, letter); });
  begun.get_future().wait();
  DescriptorLimit limit;
  limit.begin();
  std::promise<Delivery> second;
  client.start({to_one, std::make_shared<TextSource>("Subject: y\r\n\r\nbody\r\n")},
               [&](Delivery delivery) { second.set_value(std::move(delivery)); });
  auto answer = second.get_future();
  EXPECT_EQ(answer.wait_for(300ms), std::future_status::timeout);
  release.set_value();
  EXPECT_EQ(verdict_of(first.get()), Verdict::delivered);
  EXPECT_EQ(verdict_of(answer.get()), Verdict::delivered);
  limit.end();
  EXPECT_EQ(server.connections(), 1);
}

TEST(WithoutDescriptors, FileOfAuthoritiesThatCannotBeOpenedIsNoConfigurationFault) {
  POSTERN_NEEDS_DESCRIPTORS();
  const Certificate certificate("IP:127.0.0.1");
  DescriptorLimit limit;
  NetworkServer server([&](Peer& peer, int connection) {
    peer.greet("250-test.example\r\n250 STARTTLS\r\n");
    peer.line();
    if (connection == 0) limit.begin();
    peer.say("220 go on\r\n");
    peer.start_tls(certificate);
    peer.greet(plain);
    peer.serve();
  });
  ClientOptions options = options_for(server);
  options.tls = TlsPolicy::verify;
  options.ca_file = certificate.file();
  Client client(options);
  const Delivery delivery = client.deliver(to_one, letter);
  limit.end();
  expect_to_be_tried_later(delivery);
}

TEST(WithoutDescriptors, TokenCommandIsRunOnceThereAreSome) {
  POSTERN_NEEDS_DESCRIPTORS();
  asio::io_context context;
  const asio::steady_timer timer(context);  // so that it has its own descriptors
  TokenCommand command(context, {"/bin/echo", "token"}, 10s);
  const bool stop = false;
  const auto token = [&] {
    return run(context, command.token(std::make_shared<AsyncEvent>(context), stop));
  };
  for (const int more : {0, 1, 2}) {
    DescriptorLimit limit(more);
    limit.begin();
    EXPECT_THROW(token(), std::system_error) << more;
  }
  EXPECT_EQ(std::get<std::string>(token()), "token");
}

TEST(WithoutDescriptors, UnansweredLookUpIsNoAnswer) {
  POSTERN_NEEDS_DESCRIPTORS();
  DnsResponder dns;
  dns.mx("one.example", 10, "mx.one.example");
  asio::io_context context;
  const asio::steady_timer timer(context);  // so that it has its own descriptors
  ResolverOptions options;
  options.forwarders = {dns.address()};
  for (int more = 0; more < 12; ++more) {
    DescriptorLimit limit(more);
    limit.begin();
    EXPECT_THROW(Resolver(context, options), std::system_error) << more;
  }
  Resolver resolver(context, options);
  DescriptorLimit limit;
  limit.begin();
  EXPECT_THROW(run(context, resolver.look_up<MxRecord>("one.example")), std::system_error);
  limit.end();
  EXPECT_EQ(run(context, resolver.look_up<MxRecord>("other.example")).status,
            DnsStatus::no_such_name);
}

TEST(ResolverDeathTest, WithoutAThreadIsNotMade) {
  POSTERN_NEEDS_ROOT();
  const auto make = [] {
    asio::io_context context;
    ResolverOptions options;
    options.forwarders = {"127.0.0.1@1"};
    try {
      const Resolver resolver(context, options);
    } catch (const std::system_error& error) {
      return error.code() == std::errc::resource_unavailable_try_again;
    }
    return false;
  };
  EXPECT_EXIT(postern::test::exit_with_threads(0, make), testing::ExitedWithCode(0), "");
}

/// Of this process.
std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// An epoll of this process's, which cannot be watched by itself.
int epoll_descriptor() {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(entry.path(), gone);
    if (target == "anon_inode:[eventpoll]") return std::stoi(entry.path().filename().string());
  }
  throw std::runtime_error("there is no epoll");
}

TEST(Watching, DescriptorThatCannotBeWatchedIsClosed) {
  asio::io_context context;
  const asio::steady_timer timer(context);  // so that it has its epoll
  const int watched_by_none = epoll_descriptor();
  const std::size_t before = open_descriptors();
  EXPECT_THROW(duplicate_for_watching(context, watched_by_none), std::system_error);
  EXPECT_EQ(open_descriptors(), before);
}

TEST(CallbackFailure, IsKeptAndThrownOnceOutside) {
  CallbackFailure failure;
  EXPECT_EQ(failure.guard(0, [] { return 7; }), 7);
  EXPECT_FALSE(failure.happened());
  failure.rethrow();
  EXPECT_EQ(failure.guard(-1, []() -> int { throw std::bad_alloc(); }), -1);
  EXPECT_EQ(failure.guard(-1, []() -> int { throw std::runtime_error("the second"); }), -1);
  EXPECT_TRUE(failure.happened());
  EXPECT_THROW(failure.rethrow(), std::bad_alloc);
  EXPECT_FALSE(failure.happened());
}

}  // namespace
}  // namespace postern::smtp::test
