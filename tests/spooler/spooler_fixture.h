// What the spooler's tests share: a spooler, its store in memory, and a transport with a script.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "spooler/spooler.h"
#include "tests/spooler/memory_store.h"
#include "tests/spooler/scripted_transport.h"

namespace postern::spooler::test {

inline constexpr auto long_enough = std::chrono::seconds{30};

inline std::chrono::steady_clock::time_point soon() {
  return std::chrono::steady_clock::now() + long_enough;
}

inline mapi::Message message_to(const std::vector<std::string>& addresses) {
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  message.set(mapi::PR_SUBJECT, "Test");
  mapi::set_address(message, mapi::sender_group, "sender@example.com", "Sender");
  for (const auto& address : addresses) {
    message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::to, address));
  }
  return message;
}

/// A spooler between a store in memory and a transport with a script.
class SpoolerTest : public testing::Test {
 protected:
  SpoolerTest() {
    options.sessions = 2;
    options.retry.intervals = {std::chrono::milliseconds{10}};
    options.reporter.host = "gateway.example.com";
  }
  mapi::EntryId submit(mapi::Message message) {
    return store.submit(store.folder(mapi::SpecialFolder::outbox), std::move(message));
  }
  /// Runs until the queue is empty.
  void run(std::vector<mapi::XPProvider*> providers) {
    Spooler spooler(store, std::move(providers), options, observer);
    EXPECT_TRUE(spooler.wait_empty(soon()));
  }
  void run() { run({&transport}); }
  /// Runs until all that is left is held.
  void run_until_held() {
    Spooler spooler(store, {&transport}, options, observer);
    EXPECT_TRUE(spooler.wait_idle(soon()));
  }
  /// How long after `begin` a message that is held will be tried again.
  std::chrono::system_clock::duration pause(const mapi::EntryId& entry,
                                            std::chrono::system_clock::time_point begin) {
    const auto row = store.queue_row(entry);
    EXPECT_TRUE(row && row->next_attempt);
    if (!row || !row->next_attempt) return {};
    return row->next_attempt->time_point() - begin;
  }
  Verdict verdict(const mapi::EntryId& entry, std::size_t row) {
    return mapi::outcome(store.message(entry).recipients.at(row)).value().verdict;
  }

  MemoryStore store;
  ScriptedTransport transport;
  SpoolerOptions options;
  SpoolerObserver observer;
};

}  // namespace postern::spooler::test
