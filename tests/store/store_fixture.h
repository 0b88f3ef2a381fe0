// What the store's tests share: a directory of their own, a support that does what the test says,
// messages to send, and a look at the code a call fails with.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/message.h"
#include "mapi/msg_store.h"
#include "mapi/property_tags.h"
#include "mapi/support.h"
#include "store/sqlite_store.h"
#include "tests/temporary_directory.h"

namespace postern::store::test {

/// A support that leaves messages alone and keeps sent ones, unless the test says otherwise.
class ScriptedSupport : public mapi::StoreSupport {
 public:
  std::function<void(mapi::Message&)> on_prepare = [](mapi::Message&) {};
  std::function<ExpandResult(mapi::Message&)> on_expand = [](mapi::Message&) {
    return ExpandResult{};
  };
  std::function<SentMail(mapi::Message&)> on_sent = [](const mapi::Message&) {
    return SentMail::keep;
  };

  void prepare_submit(mapi::Message& message) override { on_prepare(message); }
  ExpandResult expand_recips(mapi::Message& message, const mapi::OwnRecipients*) override {
    return on_expand(message);
  }
  SentMail do_sent_mail(mapi::Message& message) override { return on_sent(message); }
};

inline mapi::Message letter(const std::string& subject = "Hello", int recipients = 1) {
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  message.set(mapi::PR_SUBJECT, subject);
  message.set(mapi::PR_BODY, "Dear all, " + subject);
  for (int i = 0; i < recipients; ++i) {
    message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::to,
                                                      "r" + std::to_string(i) + "@example.com",
                                                      "Recipient " + std::to_string(i)));
  }
  return message;
}

/// With rows in every table that a message can have some in, and an embedded message that has them
/// too.
inline mapi::Message letter_with_all_parts() {
  const auto wide = [] {
    auto message = letter("Hello", 40);
    message.set(mapi::PR_HTML, mapi::Binary(10'000, std::byte{'h'}));
    message.attachments.push_back(mapi::make_attachment(
        "data.bin", mapi::Content::from_bytes(std::vector<std::byte>(5'000, std::byte{7}))));
    return message;
  };
  auto message = wide();
  message.set(mapi::PR_POSTERN_TRANSCRIPT, "220 here");
  mapi::Attachment embedding;
  embedding.embedded = std::make_shared<const mapi::Message>(wide());
  message.attachments.push_back(std::move(embedding));
  return message;
}

/// How many rows there are in those tables; the names are the ones of a schema, with its dot.
inline std::string rows_of_messages(const std::string& schema = "") {
  std::string sql = "SELECT 0";
  for (const char* table : {"message", "message_body", "message_transcript", "recipient",
                            "attachment", "content", "content_chunk", "outgoing_queue"}) {
    sql += " + (SELECT count(*) FROM " + schema + table + ")";
  }
  return sql;
}

/// The code a call fails with; S_OK when it does not.
inline mapi::Code code_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const mapi::Failure& failure) {
    return failure.code();
  }
  return mapi::S_OK;
}

/// The sentence a call fails with; empty when it does not.
inline std::string sentence_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const mapi::Failure& failure) {
    return failure.what();
  }
  return {};
}

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() { reopen(); }

  /// Closes everything and opens the store again.
  void reopen() {
    spooler.reset();
    client.reset();
    provider.reset();
    provider = open_sqlite_store(path(), support);
    client = provider->logon();
  }
  mapi::MsgStore& log_spooler_on() {
    spooler = provider->spooler_logon();
    return *spooler;
  }
  [[nodiscard]] std::filesystem::path path() const { return directory / "store.sqlite"; }
  [[nodiscard]] mapi::EntryId outbox() const { return client->folder(mapi::SpecialFolder::outbox); }
  [[nodiscard]] mapi::Message message(const mapi::EntryId& entry) const {
    return client->open_entry(entry, mapi::Access::read_only)->message();
  }

  postern::test::TemporaryDirectory directory;
  ScriptedSupport support;
  std::unique_ptr<mapi::MSProvider> provider;
  std::unique_ptr<mapi::MsgStore> client;
  std::unique_ptr<mapi::MsgStore> spooler;
};

}  // namespace postern::store::test
