// The suite that every message store has to pass: each test runs with each store that the project
// has. mapi-submission.md §§3.2-3.9, 4, 5.1.
#pragma once

#include <algorithm>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/store/postgresql_server.h"
#include "tests/store/store_fixture.h"

/// Of examples/memory_store, whose own header includes the installed ones.
std::unique_ptr<postern::mapi::MSProvider> make_memory_store(postern::mapi::StoreSupport& support);

namespace postern::store::test {

/// A store, made anew in a directory.
struct StoreKind {
  const char* name;
  std::unique_ptr<mapi::MSProvider> (*make)(const std::filesystem::path& directory,
                                            mapi::StoreSupport& support);
  bool has_many_spoolers = false;
};

inline void PrintTo(const StoreKind& kind, std::ostream* out) {
  *out << kind.name;
}

/// PostgreSQL is one of them where tests/with-postgresql has started a server.
inline std::vector<StoreKind> store_kinds() {
  std::vector<StoreKind> kinds{
      {"sqlite",
       [](const std::filesystem::path& directory, mapi::StoreSupport& support) {
         return open_sqlite_store(directory / "store.sqlite", support);
       }},
      {"memory", [](const std::filesystem::path&,
                    mapi::StoreSupport& support) { return make_memory_store(support); }},
  };
  if (postgresql_url() != nullptr) {
    kinds.push_back({"postgresql",
                     [](const std::filesystem::path&, mapi::StoreSupport& support) {
                       make_empty_postgresql_store();
                       return open_postgresql_store(postgresql_url(), support);
                     },
                     true});
  }
  return kinds;
}

/// What a store tells its observers. SQLite's does so on a thread of its own.
class Told {
 public:
  [[nodiscard]] mapi::StoreObserver observer() {
    mapi::StoreObserver observer;
    observer.outgoing_queue = [this](mapi::QueueEvent event, const mapi::EntryId& entry) {
      const std::scoped_lock lock(mutex_);
      queue_.emplace_back(event, entry);
    };
    observer.new_mail = [this](const mapi::NewMail& mail) {
      const std::scoped_lock lock(mutex_);
      mail_.push_back(mail);
    };
    observer.warning = [this](const mapi::EntryId& entry, const std::string& sentence) {
      const std::scoped_lock lock(mutex_);
      warnings_.emplace_back(entry, sentence);
    };
    return observer;
  }
  /// Waits until the message was warned about; false after ten seconds.
  [[nodiscard]] bool warned_about(const mapi::EntryId& entry) const {
    return eventually([&] {
      return std::ranges::any_of(warnings_, [&](const auto& told) { return told.first == entry; });
    });
  }
  [[nodiscard]] bool of_mail(const mapi::EntryId& entry) const {
    return eventually([&] {
      return std::ranges::any_of(mail_, [&](const auto& told) { return told.message == entry; });
    });
  }
  [[nodiscard]] bool of_queue(mapi::QueueEvent event, const mapi::EntryId& entry) const {
    return eventually(
        [&] { return std::ranges::find(queue_, std::pair(event, entry)) != queue_.end(); });
  }

 private:
  template <class Condition>
  [[nodiscard]] bool eventually(const Condition& holds) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (std::chrono::steady_clock::now() < end) {
      {
        const std::scoped_lock lock(mutex_);
        if (holds()) return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return false;
  }

  mutable std::mutex mutex_;
  std::vector<std::pair<mapi::QueueEvent, mapi::EntryId>> queue_;
  std::vector<mapi::NewMail> mail_;
  std::vector<std::pair<mapi::EntryId, std::string>> warnings_;
};

class AnyStoreTest : public ::testing::Test {
 protected:
  explicit AnyStoreTest(const StoreKind& kind)
      : provider(kind.make(directory.path(), support)), client(provider->logon()) {}

  mapi::MsgStore& log_spooler_on() {
    spooler = provider->spooler_logon();
    return *spooler;
  }
  mapi::EntryId submit(mapi::Message message = letter()) {
    return client->submit(outbox(), std::move(message));
  }
  mapi::EntryId submit_and_lock(mapi::Message message = letter()) {
    const auto entry = submit(std::move(message));
    if (!spooler) log_spooler_on();
    spooler->set_lock_state(entry, mapi::LockState::locked);
    return entry;
  }
  mapi::EntryId create(const mapi::EntryId& folder, const std::string& subject = "Hello") {
    return client->create_message(folder, letter(subject))->entry_id();
  }
  [[nodiscard]] mapi::EntryId outbox() const { return client->folder(mapi::SpecialFolder::outbox); }
  [[nodiscard]] mapi::EntryId inbox() const { return client->folder(mapi::SpecialFolder::inbox); }
  [[nodiscard]] mapi::EntryId root() const {
    return client->folder(mapi::SpecialFolder::ipm_subtree);
  }
  [[nodiscard]] mapi::Message message(const mapi::EntryId& entry) const {
    return client->open_entry(entry, mapi::Access::read_only)->message();
  }
  [[nodiscard]] std::vector<mapi::EntryId> entries_in(const mapi::EntryId& folder) const {
    std::vector<mapi::EntryId> entries;
    for (const auto& row : client->contents(folder)) entries.push_back(row.entry_id);
    return entries;
  }

  postern::test::TemporaryDirectory directory;
  ScriptedSupport support;
  std::unique_ptr<mapi::MSProvider> provider;
  std::unique_ptr<mapi::MsgStore> client;
  std::unique_ptr<mapi::MsgStore> spooler;
};

class Conformance : public AnyStoreTest, public ::testing::WithParamInterface<StoreKind> {
 protected:
  Conformance() : AnyStoreTest(GetParam()) {}
};

inline std::string store_name(const ::testing::TestParamInfo<StoreKind>& info) {
  return info.param.name;
}

/// Runs the tests of a suite of Conformance with each store.
#define POSTERN_WITH_EACH_STORE(suite) \
  INSTANTIATE_TEST_SUITE_P(EachStore, suite, ::testing::ValuesIn(store_kinds()), store_name)

using Skipped = std::vector<std::pair<mapi::EntryId, mapi::Code>>;
inline Skipped skipped_of(const mapi::FolderOperation& operation) {
  Skipped skipped;
  for (const auto& skip : operation.skipped) skipped.emplace_back(skip.entry, skip.why);
  return skipped;
}

}  // namespace postern::store::test
