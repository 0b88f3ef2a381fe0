// Messages that are finished together. mapi-submission.md §3.7.
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "mapi/property_tags.h"
#include "tests/store/conformance/conformance_fixture.h"

namespace postern::store::test {
namespace {

using mapi::Access;
using mapi::Message;
using SentMail = mapi::StoreSupport::SentMail;

class FinishedTogether : public Conformance {
 protected:
  void SetUp() override {
    for (int i = 0; i < 3; ++i) open(submit_and_lock());
  }
  void open(const mapi::EntryId& entry) {
    entries.push_back(entry);
    handles.push_back(spooler->open_entry(entry, Access::modify));
    handles.back()->edit().recipients[0].set(mapi::PR_RESPONSIBILITY, true);
    given.push_back(handles.back().get());
  }
  std::vector<mapi::Code> finish() {
    std::vector<mapi::Code> codes;
    for (const auto& failure : spooler->save_and_finish_all(given)) {
      codes.push_back(failure ? failure->code() : mapi::S_OK);
    }
    return codes;
  }
  bool is_saved(std::size_t i) const {
    return message(entries[i]).recipients[0].get_or(mapi::PR_RESPONSIBILITY, false);
  }

  std::vector<mapi::EntryId> entries;
  std::vector<std::unique_ptr<mapi::MessageHandle>> handles;
  std::vector<mapi::MessageHandle*> given;
};
POSTERN_WITH_EACH_STORE(FinishedTogether);

TEST_P(FinishedTogether, EachByItself) {
  spooler->set_lock_state(entries[1], mapi::LockState::unlocked);
  EXPECT_EQ(finish(), (std::vector<mapi::Code>{mapi::S_OK, mapi::MAPI_E_NO_ACCESS, mapi::S_OK}));
  EXPECT_TRUE(is_saved(0));
  EXPECT_FALSE(is_saved(1));
  EXPECT_TRUE(is_saved(2));
  EXPECT_EQ(client->outgoing_queue({}, 10).size(), 1U);

  spooler->set_lock_state(entries[1], mapi::LockState::locked);
  given = {handles[1].get()};
  EXPECT_EQ(finish(), std::vector<mapi::Code>{mapi::S_OK});
  EXPECT_TRUE(is_saved(1));
  EXPECT_TRUE(client->queue_is_empty());
}

TEST_P(FinishedTogether, WhatAHookRefusesStaysLocked) {
  int asked = 0;
  support.on_sent = [&asked](const Message&) {
    if (++asked == 2) throw mapi::Failure(mapi::MAPI_E_USER_CANCEL, "the hook does not want it");
    return SentMail::remove;
  };
  EXPECT_EQ(finish(), (std::vector<mapi::Code>{mapi::S_OK, mapi::MAPI_E_USER_CANCEL, mapi::S_OK}));
  EXPECT_EQ(client->contents(outbox()).size(), 1U);
  const auto row = client->queue_row(entries[1]);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->submit_flags, mapi::SUBMITFLAG_LOCKED);
}

TEST_P(FinishedTogether, NoneIsNothing) {
  given.clear();
  EXPECT_TRUE(finish().empty());
}

}  // namespace
}  // namespace postern::store::test
