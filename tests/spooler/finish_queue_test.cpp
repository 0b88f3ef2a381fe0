// Messages that leave the queue together.
#include "spooler/run/finish_queue.h"

#include <deque>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/forwarding_store.h"

namespace postern::spooler {
namespace {

class FirstComeFirstServed final : public Executor {
 public:
  void run(std::function<void()> work) override { pieces_.push_back(std::move(work)); }
  void step() {
    const auto piece = std::move(pieces_.front());
    pieces_.pop_front();
    piece();
  }
  [[nodiscard]] bool is_empty() const { return pieces_.empty(); }

 private:
  std::deque<std::function<void()>> pieces_;
};

class NamedHandle final : public mapi::MessageHandle {
 public:
  explicit NamedHandle(char name) : entry_{{std::byte(name)}} {}
  [[nodiscard]] const mapi::EntryId& entry_id() const override { return entry_; }
  [[nodiscard]] const mapi::Message& message() const override { return message_; }
  mapi::Message& edit() override { return message_; }
  void save_changes() override {}
  void submit_message() override {}
  [[nodiscard]] char name() const { return static_cast<char>(entry_.bytes.front()); }

 private:
  mapi::EntryId entry_;
  mapi::Message message_;
};

/// Notes which messages it is given at once.
class NotingStore final : public postern::test::ForwardingStore {
 public:
  NotingStore() : ForwardingStore(nullptr) {}
  std::vector<Finished> save_and_finish_all(
      std::span<mapi::MessageHandle* const> messages) override {
    std::string names;
    std::vector<Finished> results;
    for (auto* message : messages) {
      names += dynamic_cast<NamedHandle&>(*message).name();
      const auto refused = refusals.find(names.back());
      results.push_back(refused == refusals.end() ? Finished() : refused->second);
    }
    calls.push_back(names);
    if (meanwhile) std::exchange(meanwhile, {})();
    if (thrown) throw mapi::Failure(*thrown);
    return results;
  }

  std::vector<std::string> calls;
  std::map<char, mapi::Failure> refusals;
  Finished thrown;
  std::function<void()> meanwhile;
};

class FinishQueueTest : public testing::Test {
 protected:
  void add(char name) {
    queue_.add(handles_.emplace_back(name), [this, name](const auto& failure) {
      told_.emplace_back(name, failure ? failure->code() : mapi::S_OK);
    });
  }
  using Told = std::vector<std::pair<char, mapi::Code>>;

  FirstComeFirstServed executor_;
  NotingStore store_;
  FinishQueue queue_{store_, executor_};
  std::deque<NamedHandle> handles_;
  Told told_;
};

TEST_F(FinishQueueTest, FinishesTogetherWhatWaits) {
  for (const char name : {'a', 'b', 'c'}) add(name);
  executor_.step();
  EXPECT_EQ(store_.calls, std::vector<std::string>{"abc"});
  EXPECT_EQ(told_, (Told{{'a', mapi::S_OK}, {'b', mapi::S_OK}, {'c', mapi::S_OK}}));
  EXPECT_TRUE(executor_.is_empty());
}

TEST_F(FinishQueueTest, WhatComesMeanwhileIsNext) {
  add('a');
  store_.meanwhile = [this] {
    add('b');
    add('c');
  };
  executor_.step();
  executor_.step();
  add('d');
  executor_.step();
  EXPECT_EQ(store_.calls, (std::vector<std::string>{"a", "bc", "d"}));
  EXPECT_TRUE(executor_.is_empty());
}

TEST_F(FinishQueueTest, ManyAreFinishedInSeveralCommits) {
  for (int i = 0; i < 250; ++i) add('a');
  while (!executor_.is_empty()) executor_.step();
  std::vector<std::size_t> sizes;
  for (const auto& call : store_.calls) sizes.push_back(call.size());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{100, 100, 50}));
  EXPECT_EQ(told_.size(), 250U);
}

TEST_F(FinishQueueTest, EachIsToldOfItsOwn) {
  store_.refusals.emplace('b', mapi::Failure(mapi::MAPI_E_NOT_IN_QUEUE, "b was cancelled"));
  for (const char name : {'a', 'b', 'c'}) add(name);
  executor_.step();
  EXPECT_EQ(told_, (Told{{'a', mapi::S_OK}, {'b', mapi::MAPI_E_NOT_IN_QUEUE}, {'c', mapi::S_OK}}));
}

TEST_F(FinishQueueTest, AllAreToldWhatIsAboutNone) {
  store_.thrown = mapi::Failure(mapi::MAPI_E_INVALID_OBJECT, "the store is logged off");
  for (const char name : {'a', 'b'}) add(name);
  executor_.step();
  EXPECT_EQ(told_, (Told{{'a', mapi::MAPI_E_INVALID_OBJECT}, {'b', mapi::MAPI_E_INVALID_OBJECT}}));
}

}  // namespace
}  // namespace postern::spooler
