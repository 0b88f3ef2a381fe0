#include "transport/inbound/source_logon.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/property_tags.h"
#include "tests/transport/recording.h"
#include "transport/inbound/mail_queue.h"

namespace postern::transport {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(MailQueue, GivesMailsByNameAndLooksAgainWhenThereIsNone) {
  MailQueue queue;
  EXPECT_EQ(queue.take(), std::nullopt);
  queue.refill({"2", "1"});
  EXPECT_EQ(queue.take(), "1");
  EXPECT_EQ(queue.take(), "2");
  EXPECT_EQ(queue.take(), std::nullopt);
}

TEST(MailQueue, WhatIsLeftAsideIsNewsOnceAndMayComeAgainAfterItWasGone) {
  MailQueue queue;
  EXPECT_TRUE(queue.leave_aside("1"));
  EXPECT_FALSE(queue.leave_aside("1"));
  queue.refill({"1", "2"});
  EXPECT_EQ(queue.take(), "2");
  EXPECT_EQ(queue.take(), std::nullopt);
  queue.refill({});
  queue.refill({"1"});
  EXPECT_EQ(queue.take(), "1");
}

/// Mails with their octets, in memory; "fault" instead of octets cannot be read.
class Shelf {
 public:
  void put(const std::string& name, const std::string& octets) {
    const std::scoped_lock lock(mutex_);
    mails_[name] = octets;
  }
  void keep_all() { keeps_all_ = true; }
  void break_down(bool broken) {
    const std::scoped_lock lock(mutex_);
    broken_ = broken;
  }
  std::vector<std::string> list() {
    const std::scoped_lock lock(mutex_);
    ++looks_;
    changed_.notify_all();
    if (broken_)
      throw std::runtime_error("the shelf is broken " + std::to_string(looks_) + " times");
    std::vector<std::string> names;
    for (const auto& [name, octets] : mails_) names.push_back(name);
    return names;
  }
  std::string read(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    if (mails_.at(name) == "fault") throw MailFault("it is torn");
    return mails_.at(name);
  }
  void take_away(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    if (broken_) throw std::runtime_error("the shelf is broken");
    if (!keeps_all_) mails_.erase(name);
    changed_.notify_all();
  }
  [[nodiscard]] bool wait_until_empty() {
    return wait([this] { return mails_.empty(); });
  }
  /// Until it was looked at so often from now on.
  [[nodiscard]] bool wait_for_looks(int count) {
    std::unique_lock lock(mutex_);
    const int until = looks_ + count;
    lock.unlock();
    return wait([this, until] { return looks_ >= until; });
  }

 private:
  bool wait(const std::function<bool()>& holds) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds{30}, holds);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::string> mails_;
  bool broken_ = false;
  bool keeps_all_ = false;
  int looks_ = 0;
};

class ShelfSource final : public MailSource {
 public:
  explicit ShelfSource(Shelf& shelf) : shelf_(shelf) {}
  [[nodiscard]] std::string display_name() const override { return "mail on a shelf"; }
  [[nodiscard]] std::string name_of(const std::string& mail) const override { return mail; }
  std::vector<std::string> list(const std::stop_token&) override { return shelf_.list(); }
  std::optional<mapi::Content> read(const std::string& mail, const std::stop_token&) override {
    return mapi::Content::from_text(shelf_.read(mail));
  }
  void mark_stored(const std::string& mail, const std::stop_token&) override {
    shelf_.take_away(mail);
  }

 private:
  Shelf& shelf_;
};

/// A spooler that takes what there is when it is told of new mail, as long as `takes` says so.
class TakingSupport final : public mapi::TransportSupport {
 public:
  void new_mail() override {
    const std::scoped_lock lock(mutex_);
    while (logon != nullptr) {
      const auto mail = logon->start_message();
      if (!mail) return;
      subjects.emplace_back(mail->message.get_or(mapi::PR_SUBJECT, ""));
      if (subjects.back() == refused) return;
      logon->inbound_stored();
    }
  }
  void critical_error(const std::string& why) override {
    const std::scoped_lock lock(mutex_);
    critical_errors.push_back(why);
  }
  void ready_to_send() override {}
  void unavailable(std::chrono::system_clock::time_point, const std::string&) override {}
  void sent_deferred(const mapi::EntryId&) override {}
  void config_changed() override {}
  void register_preprocessor(mapi::Preprocessor) override {}
  void modify_status_row(const mapi::PropertyBag& columns) override { status_row = columns; }

  std::size_t critical_errors_count() {
    const std::scoped_lock lock(mutex_);
    return critical_errors.size();
  }
  void set_logon(mapi::XPLogon* taken_from) {
    const std::scoped_lock lock(mutex_);
    logon = taken_from;
  }

  mapi::XPLogon* logon = nullptr;
  std::string refused;
  std::vector<std::string> subjects;
  std::vector<std::string> critical_errors;
  mapi::PropertyBag status_row;

 private:
  std::mutex mutex_;
};

class SourceLogonTest : public testing::Test {
 protected:
  void log_on(bool taking = true) {
    logon = std::make_unique<SourceLogon>(std::make_unique<ShelfSource>(shelf),
                                          std::chrono::milliseconds{10}, support);
    if (taking) support.set_logon(logon.get());
  }
  /// Nothing of the logon runs any more; what was told can be read.
  void log_off() const { logon->transport_logoff(); }

  Shelf shelf;
  TakingSupport support;
  std::unique_ptr<SourceLogon> logon;
};

TEST_F(SourceLogonTest, TakesAllMailsInTheOrderOfTheirNamesAndThoseThatComeLater) {
  shelf.put("2", "Subject: two\n\n");
  shelf.put("1", "Subject: one\n\n");
  log_on();
  ASSERT_TRUE(shelf.wait_until_empty());
  shelf.put("0", "Subject: zero\n\n");
  ASSERT_TRUE(shelf.wait_until_empty());
  log_off();
  EXPECT_THAT(support.subjects, ElementsAre("one", "two", "zero"));
  EXPECT_THAT(support.critical_errors, IsEmpty());
  EXPECT_EQ(support.status_row.get_or(mapi::PR_DISPLAY_NAME, ""), "mail on a shelf");
}

TEST_F(SourceLogonTest, WhatCannotBeReadIsNamedOnceAndHoldsUpNoOther) {
  shelf.put("1", "fault");
  shelf.put("2", "Subject: two\n\n");
  log_on();
  ASSERT_TRUE(shelf.wait_for_looks(5));
  log_off();
  EXPECT_THAT(support.subjects, ElementsAre("two"));
  EXPECT_THAT(support.critical_errors, ElementsAre(AllOf(HasSubstr("1"), HasSubstr("it is torn"))));
}

TEST_F(SourceLogonTest, WhatTheStoreDoesNotTakeIsLeftAsideAndTheNextOneComes) {
  support.refused = "one";
  shelf.put("1", "Subject: one\n\n");
  shelf.put("2", "Subject: two\n\n");
  log_on();
  ASSERT_TRUE(shelf.wait_for_looks(5));
  log_off();
  EXPECT_THAT(support.subjects, ElementsAre("one", "two"));
}

TEST_F(SourceLogonTest, MailThatIsListedAgainAlthoughItIsMarkedIsNotReadOverAndOver) {
  shelf.keep_all();
  shelf.put("1", "Subject: one\n\n");
  log_on();
  ASSERT_TRUE(shelf.wait_for_looks(10));
  log_off();
  EXPECT_THAT(support.subjects, ElementsAre("one"));
}

TEST_F(SourceLogonTest, MailboxThatCannotBeReadIsNamedOnceAndReadAgainLater) {
  shelf.break_down(true);
  shelf.put("1", "Subject: one\n\n");
  log_on();
  ASSERT_TRUE(shelf.wait_for_looks(3));
  shelf.break_down(false);
  ASSERT_TRUE(shelf.wait_until_empty());
  log_off();
  EXPECT_THAT(support.subjects, ElementsAre("one"));
  EXPECT_THAT(support.critical_errors, ElementsAre("the shelf is broken 1 times"));
}

TEST_F(SourceLogonTest, WhatIsStoredIsMarkedAlsoWhenTheMailboxFailsMeanwhile) {
  shelf.put("1", "Subject: one\n\n");
  log_on(false);
  while (!logon->start_message()) std::this_thread::yield();
  shelf.break_down(true);
  logon->inbound_stored();
  while (support.critical_errors_count() == 0) std::this_thread::yield();
  shelf.break_down(false);
  ASSERT_TRUE(shelf.wait_until_empty());
  log_off();
}

TEST_F(SourceLogonTest, SendsNothingAndNoAddressIsItsOwn) {
  log_on();
  EXPECT_EQ(logon->registration().address_types, std::vector<std::string>{""});
  test::RecordingSupport sender_support;
  EXPECT_THROW(logon->sender(sender_support), mapi::Failure);
}

}  // namespace
}  // namespace postern::transport
