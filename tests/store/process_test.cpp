// More than one process, and more than one thread, at one store.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include <SQLiteCpp/Database.h>

#include "store/display_id.h"
#include "tests/store/child_process.h"
#include "tests/store/store_fixture.h"

namespace postern::store::test {
namespace {

using mapi::Access;
using mapi::EntryId;
using mapi::LockState;
using mapi::QueueEvent;
using namespace std::chrono_literals;

class Processes : public StoreTest {
 protected:
  std::vector<std::string> helper(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), POSTERN_STORE_HELPER);
    return arguments;
  }
  std::string integrity() {
    SQLite::Database file(path().string(), SQLite::OPEN_READONLY, 10'000);
    return file.execAndGet("PRAGMA integrity_check").getString();
  }
};

TEST_F(Processes, AddressesThatAnotherOneGivesCountAtOnce) {
  const auto to_ann = [] {
    auto message = letter("Hello", 0);
    message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::to, "ann@here.example"));
    return message;
  };
  const auto inbox = client->folder(mapi::SpecialFolder::inbox);
  client->submit(outbox(), to_ann());
  EXPECT_TRUE(client->contents(inbox).empty());
  const auto other = open_sqlite_store(path(), support);
  other->add_address({}, "ann@here.example");
  client->submit(outbox(), to_ann());
  EXPECT_EQ(client->contents(inbox).size(), 1U);
  other->remove_address("ann@here.example");
  client->submit(outbox(), to_ann());
  EXPECT_EQ(client->contents(inbox).size(), 1U);
  other->add_address({}, "ann@here.example");
  const auto submitted = client->submit_all(outbox(), {to_ann(), letter(), to_ann()});
  EXPECT_EQ(client->contents(inbox).size(), 3U);
  for (const auto& one : submitted) {
    EXPECT_TRUE(client->queue_row(std::get<EntryId>(one)));
  }
}

TEST_F(Processes, KilledSubmitterHasLostNothingItWasToldIsSubmitted) {
  std::minstd_rand random(20);
  std::map<std::string, std::string> told;  // message -> serial
  for (int round = 0; round < 25; ++round) {
    ChildProcess child(helper({"submit", path()}));
    const auto lines = 1 + random() % 60;
    for (std::size_t i = 0; i < lines; ++i) {
      const auto line = child.read_line();
      ASSERT_TRUE(line);
      told.emplace(line->substr(0, line->find(' ')), line->substr(line->find(' ') + 1));
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 5'000));
    child.kill();
    while (const auto line = child.read_line()) {
      told.emplace(line->substr(0, line->find(' ')), line->substr(line->find(' ') + 1));
    }
  }
  reopen();
  for (const auto& [id, serial] : told) {
    const auto entry = entry_of(*client, id);
    ASSERT_TRUE(client->queue_row(entry)) << id;
    const auto stored = message(entry);
    EXPECT_EQ(stored.get(mapi::PR_SUBJECT), "serial " + serial);
    EXPECT_EQ(stored.recipients.size(), static_cast<std::size_t>(1 + std::stoi(serial) % 3));
    const auto octets = stored.attachments.at(0).data.read_all();
    EXPECT_EQ(octets.size(), std::stoi(serial) % 5 == 4 ? 700'000U : 1'000U);
  }
  // One message more a round may have been durable without its process having said so.
  EXPECT_LE(client->outgoing_queue().size(), told.size() + 25);
  EXPECT_EQ(integrity(), "ok");
  SQLite::Database file(path().string(), SQLite::OPEN_READONLY, 1'000);
  EXPECT_EQ(file.execAndGet("SELECT count(*) FROM content WHERE writer IS NOT NULL").getInt(), 0);
  EXPECT_EQ(file.execAndGet("SELECT count(*) FROM content_chunk WHERE content_id NOT IN"
                            " (SELECT content_id FROM attachment)")
                .getInt(),
            0);
}

TEST_F(Processes, KilledSubmitterHasDeliveredWhatItHasQueuedAndNothingElse) {
  const mapi::Mailbox ann{"ann"};
  provider->create_mailbox(ann);
  provider->add_address(ann, "r0@example.com");
  std::minstd_rand random(21);
  for (int round = 0; round < 12; ++round) {
    ChildProcess child(helper({"submit", path()}));
    for (auto lines = 1 + random() % 25; lines > 0; --lines) ASSERT_TRUE(child.read_line());
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 5'000));
    child.kill();
  }
  reopen();
  constexpr std::size_t all = 100'000;
  std::multiset<std::string> queued;
  std::multiset<std::string> delivered;
  for (const auto& row : client->outgoing_queue(std::nullopt, all)) {
    queued.insert(row.subject);
    EXPECT_EQ(message(row.entry_id).recipients.at(0).get(mapi::PR_RESPONSIBILITY), true);
  }
  const auto store = provider->logon(ann);
  for (const auto& row : store->contents(store->folder(mapi::SpecialFolder::inbox), {}, all)) {
    delivered.insert(row.subject);
    const auto octets = message(row.entry_id).attachments.at(0).data.read_all();
    EXPECT_GE(octets.size(), 1'000U);
  }
  EXPECT_FALSE(queued.empty());
  EXPECT_EQ(delivered, queued);
  EXPECT_EQ(integrity(), "ok");
}

TEST_F(Processes, OnlyOneIsTheSpooler) {
  const auto entry = client->submit(outbox(), letter());
  ChildProcess child(helper({"lock", path(), display_id(entry)}));
  ASSERT_EQ(child.read_line(), "locked");
  EXPECT_EQ(code_of([&] { log_spooler_on(); }), mapi::MAPI_E_BUSY);
  const auto sentence = sentence_of([&] { log_spooler_on(); });
  EXPECT_NE(sentence.find("process " + std::to_string(child.id())), std::string::npos) << sentence;
  child.kill();
  EXPECT_EQ(code_of([&] { log_spooler_on(); }), mapi::S_OK);
  EXPECT_EQ(code_of([&] { (void)provider->spooler_logon(); }), mapi::MAPI_E_BUSY);
  const auto other_provider = open_sqlite_store(path(), support);
  EXPECT_EQ(code_of([&] { (void)other_provider->spooler_logon(); }), mapi::MAPI_E_BUSY);
}

TEST_F(Processes, SpoolersLockIsSeenByOthersAndDiesWithIt) {
  const auto entry = client->submit(outbox(), letter());
  ChildProcess child(helper({"lock", path(), display_id(entry)}));
  ASSERT_EQ(child.read_line(), "locked");
  EXPECT_EQ(code_of([&] { client->abort_submit(entry); }), mapi::MAPI_E_UNABLE_TO_ABORT);
  EXPECT_EQ(code_of([&] { (void)message(entry); }), mapi::MAPI_E_NO_ACCESS);
  EXPECT_EQ(client->queue_row(entry)->submit_flags, mapi::SUBMITFLAG_LOCKED);
  child.kill();
  EXPECT_EQ(client->queue_row(entry)->submit_flags, 0);
  EXPECT_EQ(code_of([&] { client->abort_submit(entry); }), mapi::S_OK);
}

/// Locks each message while another process cancels it; each must go one way.
class Race : public Processes {
 protected:
  static constexpr int rounds = 300;

  void judge(const EntryId& entry, mapi::Code abort, mapi::Code lock) {
    if (abort == mapi::S_OK) {
      EXPECT_EQ(lock, mapi::MAPI_E_NOT_IN_QUEUE);
      EXPECT_FALSE(client->queue_row(entry));
    } else {
      EXPECT_EQ(abort, mapi::MAPI_E_UNABLE_TO_ABORT);
      EXPECT_EQ(lock, mapi::S_OK);
      EXPECT_TRUE(client->queue_row(entry));
      spooler->finished_msg(entry);
    }
  }
};

TEST_F(Race, OfAbortAndLockInTwoProcessesHasOneWinner) {
  log_spooler_on();
  ChildProcess child(helper({"abort", path()}));
  ASSERT_EQ(child.read_line(), "ready");
  std::minstd_rand random(7);
  for (int round = 0; round < rounds; ++round) {
    const auto entry = client->submit(outbox(), letter());
    child.write_line(display_id(entry));
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 400));
    const auto lock = code_of([&] { spooler->set_lock_state(entry, LockState::locked); });
    const auto answer = child.read_line();
    ASSERT_TRUE(answer);
    const auto abort = *answer == "S_OK"                     ? mapi::S_OK
                       : *answer == "MAPI_E_UNABLE_TO_ABORT" ? mapi::MAPI_E_UNABLE_TO_ABORT
                                                             : mapi::MAPI_E_CALL_FAILED;
    judge(entry, abort, lock);
  }
}

TEST_F(Race, OfAbortAndLockInOneProcessHasOneWinner) {
  log_spooler_on();
  const auto other_provider = open_sqlite_store(path(), support);
  const auto same_provider = provider->logon();
  const auto another_provider = other_provider->logon();
  std::minstd_rand random(7);
  for (int round = 0; round < rounds; ++round) {
    auto& aborting = round % 2 == 0 ? *same_provider : *another_provider;
    const auto entry = client->submit(outbox(), letter());
    auto abort = mapi::S_OK;
    std::thread other([&] { abort = code_of([&] { aborting.abort_submit(entry); }); });
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 300));
    const auto lock = code_of([&] { spooler->set_lock_state(entry, LockState::locked); });
    other.join();
    judge(entry, abort, lock);
  }
}

TEST_F(Race, OfTwoAbortsHasOneWinner) {
  const auto other_provider = open_sqlite_store(path(), support);
  const auto another = other_provider->logon();
  for (int round = 0; round < 100; ++round) {
    auto& second = round % 2 == 0 ? *client : *another;
    const auto entry = client->submit(outbox(), letter());
    auto one = mapi::S_OK;
    std::thread thread([&] { one = code_of([&] { second.abort_submit(entry); }); });
    const auto other = code_of([&] { client->abort_submit(entry); });
    thread.join();
    EXPECT_EQ((std::set{one, other}), (std::set{mapi::S_OK, mapi::MAPI_E_NOT_IN_QUEUE}));
  }
}

class Threads : public Processes {};

TEST_F(Threads, ShareCommitsAndLoseNothing) {
  constexpr int threads = 16;
  constexpr int each = 25;
  std::mutex mutex;
  std::map<EntryId, std::string> submitted;
  std::vector<std::thread> running;
  for (int t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      for (int i = 0; i < each; ++i) {
        const auto subject = std::to_string(t) + "." + std::to_string(i);
        const auto entry = client->submit(outbox(), letter(subject));
        EXPECT_EQ(client->queue_row(entry)->subject, subject) << "durable and seen at once";
        const std::lock_guard lock(mutex);
        submitted.emplace(entry, subject);
      }
    });
  }
  for (auto& thread : running) thread.join();
  ASSERT_EQ(submitted.size(), static_cast<std::size_t>(threads * each));
  reopen();
  const auto queue = client->outgoing_queue();
  ASSERT_EQ(queue.size(), submitted.size());
  for (std::size_t i = 0; i < queue.size(); ++i) {
    EXPECT_EQ(submitted.at(queue[i].entry_id), queue[i].subject);
  }
  EXPECT_TRUE(std::ranges::is_sorted(queue, {}, &mapi::OutgoingQueueRow::sequence));
}

TEST_F(Threads, WhoseWorkFailsLeaveTheOthersAlone) {
  auto nowhere = outbox();
  nowhere.bytes[22] = std::byte{99};
  std::atomic<int> failed = 0;
  std::vector<std::thread> running;
  for (int t = 0; t < 8; ++t) {
    running.emplace_back([&, t] {
      for (int i = 0; i < 30; ++i) {
        const bool bad = (t + i) % 2 == 0;
        const auto code = code_of([&] { client->submit(bad ? nowhere : outbox(), letter()); });
        EXPECT_EQ(code, bad ? mapi::MAPI_E_NOT_FOUND : mapi::S_OK);
        failed += code != mapi::S_OK ? 1 : 0;
      }
    });
  }
  for (auto& thread : running) thread.join();
  EXPECT_EQ(failed, 120);
  EXPECT_EQ(client->outgoing_queue().size(), 120U);
}

TEST_F(Threads, OfClientsAndSpoolerWorkAtTheSameTime) {
  log_spooler_on();
  constexpr int total = 120;
  std::atomic<int> left = total;
  std::atomic<int> sent = 0;
  std::atomic<int> cancelled = 0;
  std::vector<std::thread> running;
  for (int t = 0; t < 3; ++t) {
    running.emplace_back([&, t] {
      for (int i = 0; i < total / 3; ++i) {
        const auto entry = client->submit(outbox(), letter("busy", 3));
        (void)client->contents(outbox());
        if ((i + t) % 4 == 0 && code_of([&] { client->abort_submit(entry); }) == mapi::S_OK) {
          ++cancelled;
          --left;
        }
      }
    });
  }
  for (int t = 0; t < 2; ++t) {
    running.emplace_back([&] {
      while (left > 0) {
        for (const auto& row : spooler->outgoing_queue(std::nullopt, 5)) {
          if ((row.submit_flags & mapi::SUBMITFLAG_LOCKED) != 0) continue;
          try {
            spooler->set_lock_state(row.entry_id, LockState::locked);
            const auto handle = spooler->open_entry(row.entry_id, Access::modify);
            handle->edit().recipients[1].set(mapi::PR_RESPONSIBILITY, true);
            handle->save_changes();
            spooler->finished_msg(row.entry_id);
            ++sent;
            --left;
          } catch (const mapi::Failure& failure) {
            // Cancelled, or finished by the other thread of this spooler.
            EXPECT_EQ(failure.code(), mapi::MAPI_E_NOT_IN_QUEUE) << failure.what();
          }
        }
      }
    });
  }
  for (auto& thread : running) thread.join();
  EXPECT_EQ(sent + cancelled, total);
  EXPECT_TRUE(client->outgoing_queue().empty());
}

class Notifications : public Processes {
 protected:
  /// Events as they come, and waiting for them.
  struct Log {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::pair<QueueEvent, EntryId>> queue;
    std::vector<mapi::NewMail> mail;

    mapi::StoreObserver observer() {
      mapi::StoreObserver observer;
      observer.outgoing_queue = [this](QueueEvent event, const EntryId& entry) {
        const std::lock_guard lock(mutex);
        queue.emplace_back(event, entry);
        changed.notify_all();
      };
      observer.new_mail = [this](const mapi::NewMail& message) {
        const std::lock_guard lock(mutex);
        mail.push_back(message);
        changed.notify_all();
      };
      return observer;
    }
    bool wait_for(QueueEvent event, const EntryId& entry) {
      std::unique_lock lock(mutex);
      return changed.wait_for(lock, 30s, [&] {
        return std::ranges::find(queue, std::pair(event, entry)) != queue.end();
      });
    }
  };
};

TEST_F(Notifications, TellWhatBecomesOfAQueueRow) {
  Log log;
  const auto subscription = client->advise(log.observer());
  log_spooler_on();
  const auto entry = client->submit(outbox(), letter());
  EXPECT_TRUE(log.wait_for(QueueEvent::row_added, entry));
  const auto handle = spooler->open_entry(entry, Access::modify);
  handle->edit().set(mapi::PR_POSTERN_NEXT_ATTEMPT, mapi::FileTime{9});
  handle->save_changes();
  EXPECT_TRUE(log.wait_for(QueueEvent::row_modified, entry));
  spooler->set_lock_state(entry, LockState::locked);
  spooler->finished_msg(entry);
  EXPECT_TRUE(log.wait_for(QueueEvent::row_deleted, entry));
  const auto cancelled = client->submit(outbox(), letter());
  client->abort_submit(cancelled);
  EXPECT_TRUE(log.wait_for(QueueEvent::row_deleted, cancelled));
}

TEST_F(Notifications, ComeWhenAnotherProcessHasWritten) {
  Log log;
  const auto subscription = client->advise(log.observer());
  client->submit(outbox(), letter());
  ChildProcess child(helper({"submit", path()}));
  ASSERT_TRUE(child.read_line());
  EXPECT_TRUE(log.wait_for(QueueEvent::table_changed, {}));
}

TEST_F(Notifications, OfNewMailReachEveryClient) {
  Log one;
  Log other;
  const auto first = client->advise(one.observer());
  const auto second_client = provider->logon();
  const auto second = second_client->advise(other.observer());
  log_spooler_on();
  spooler->notify_new_mail({{}, {}, "IPM.Note"});
  for (auto* log : {&one, &other}) {
    std::unique_lock lock(log->mutex);
    EXPECT_TRUE(log->changed.wait_for(lock, 30s, [&] { return !log->mail.empty(); }));
    EXPECT_EQ(log->mail.at(0).message_class, "IPM.Note");
  }
}

TEST_F(Notifications, EndWithTheSubscription) {
  Log kept;
  const auto remaining = client->advise(kept.observer());
  auto log = std::make_unique<Log>();
  auto subscription = client->advise(log->observer());
  const auto first = client->submit(outbox(), letter());
  EXPECT_TRUE(log->wait_for(QueueEvent::row_added, first));
  subscription.reset();
  log.reset();  // a later call would use what is gone
  const auto second = client->submit(outbox(), letter());
  EXPECT_TRUE(kept.wait_for(QueueEvent::row_added, second));
}

TEST_F(Notifications, ComeAndGoWhileMessagesAreSubmitted) {
  std::atomic<bool> done = false;
  std::thread submitting([&] {
    for (int i = 0; i < 200; ++i) client->submit(outbox(), letter());
    done = true;
  });
  while (!done) {
    Log log;
    const auto subscription = client->advise(log.observer());
  }
  submitting.join();
  EXPECT_EQ(client->outgoing_queue().size(), 200U);
}

TEST_F(Notifications, SubscriptionOutlivesItsStore) {
  Log log;
  auto subscription = client->advise(log.observer());
  reopen();
  Log kept;
  const auto another = client->advise(kept.observer());
  const auto first = client->submit(outbox(), letter());
  EXPECT_TRUE(kept.wait_for(QueueEvent::row_added, first));
  subscription.reset();
  const auto second = client->submit(outbox(), letter());
  EXPECT_TRUE(kept.wait_for(QueueEvent::row_added, second));
  EXPECT_TRUE(log.queue.empty()) << "its store was closed before anything happened";
}

}  // namespace
}  // namespace postern::store::test
