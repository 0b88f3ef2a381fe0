// The processes that are killed: told by their arguments what to do, say by lines of output what
// they have done. POINT is one of points.h, at whose n-th CROSSING the process kills itself, or
// "-".
//
//   kill_helper submit STORE LIFE POINT CROSSING MAILBOX SEED
//   kill_helper spool STORE LIFE POINT CROSSING PORT
//   kill_helper finish STORE LIFE POINT CROSSING PORT   until the queue is empty, then "finished"
#include <chrono>
#include <signal.h>
#include <string>
#include <sys/prctl.h>
#include <thread>
#include <vector>

#include "spooler/spooler.h"
#include "tests/kill/helper/dying_store.h"
#include "tests/kill/helper/dying_support.h"
#include "tests/kill/helper/dying_transport.h"
#include "tests/kill/helper/submitter.h"
#include "tests/kill/life.h"
#include "tests/kill/opening.h"
#include "transport/smtp_transport.h"

namespace postern::kill {
namespace {

using Words = std::vector<std::string>;
constexpr std::chrono::milliseconds between_stirs{20};

/// Two recipients a transaction, so that there are results to save within a message.
std::unique_ptr<mapi::XPProvider> make_transport(const std::string& port, Life life) {
  transport::SmtpTransportOptions options;
  options.client.relay = smtp::Relay::parse("smtp://127.0.0.1:" + port);
  options.client.connections = spooler_sessions;
  options.client.helo_name = ehlo_name(life);
  options.client.recipients_per_transaction = 2;
  options.client.pace.first_connections = spooler_sessions;
  options.message_id_domain = "client.test";
  return transport::make_smtp_transport(std::move(options));
}

spooler::SpoolerOptions spooler_options() {
  spooler::SpoolerOptions options;
  options.sessions = spooler_sessions;
  options.retry.intervals = {std::chrono::milliseconds{10}};
  options.reporter.host = "client.test";
  return options;
}

/// What must not happen to a spooler, however many died before it.
spooler::SpoolerObserver complaints() {
  spooler::SpoolerObserver observer;
  observer.trouble = [](const mapi::EntryId&, const std::string& sentence) {
    tell("fault " + sentence);
  };
  observer.suspended = [](const std::string& reason) { tell("fault " + reason); };
  observer.failed = [](const mapi::Failure& failure) {
    tell(std::string("fault ") + failure.what());
  };
  return observer;
}

int finish(spooler::Spooler& spooler, DyingStore& store) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes{1};
  while (std::chrono::steady_clock::now() < end) {
    if (spooler.wait_empty(std::chrono::steady_clock::now() + between_stirs)) {
      tell("finished");
      return 0;
    }
    store.stir();
  }
  tell("fault the queue does not become empty");
  return 1;
}

int spool(mapi::MSProvider& provider, DyingPoints& points, const Words& words) {
  const auto session = points.around(Call::spooler_logon, [&] { return provider.spooler_logon(); });
  DyingStore store(*session, points);
  const auto smtp = make_transport(words.at(5), static_cast<Life>(std::stoul(words.at(2))));
  DyingTransport transport(*smtp, points);
  spooler::Spooler spooler(store, {&transport}, spooler_options(), complaints());
  if (words.at(0) == "finish") return finish(spooler, store);
  while (true) {
    std::this_thread::sleep_for(between_stirs);
    store.stir();
  }
}

int submit(mapi::MSProvider& provider, DyingPoints& points, const Words& words) {
  const auto& mailbox = words.at(5);
  const auto store = points.around(Call::logon, [&] { return provider.logon({mailbox}); });
  submit_without_end(*store, points, mailbox, static_cast<Life>(std::stoul(words.at(2))),
                     std::stoull(words.at(6)));
}

int run(const Words& words) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  DyingPoints points(point_named(words.at(3)), std::stoi(words.at(4)));
  DyingSupport support(points);
  const auto provider = open_store(words.at(1), support);
  return words.at(0) == "submit" ? submit(*provider, points, words)
                                 : spool(*provider, points, words);
}

}  // namespace
}  // namespace postern::kill

int main(int count, char** words) {
  try {
    return postern::kill::run({words + 1, words + count});
  } catch (const std::exception& failure) {
    postern::kill::tell(std::string("fault ") + failure.what());
    return 1;
  }
}
