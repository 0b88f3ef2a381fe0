// Messages and their attachment data: coming back whole, in little memory, shared, and gone with
// their last user.
#include "mapi/content.h"

#include <atomic>
#include <fstream>
#include <sys/resource.h>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "tests/store/store_fixture.h"

namespace postern::store::test {
namespace {

using mapi::Access;
using mapi::Content;
using mapi::EntryId;
using mapi::Message;

/// Octet `at` of generated data: cheap to make, and any displacement shows.
std::byte generated(std::uint64_t at) {
  return static_cast<std::byte>((at ^ (at >> 8) ^ (at >> 16) ^ (at >> 24)) & 0xFF);
}

class GeneratedSource final : public mapi::ContentSource {
 public:
  /// Says `size` octets and gives `given`.
  GeneratedSource(std::uint64_t size, std::uint64_t given) : size_(size), given_(given) {}
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
    ++opened;
    return std::make_unique<Reader>(given_);
  }
  mutable std::atomic<int> opened = 0;

 private:
  class Reader final : public mapi::ContentReader {
   public:
    explicit Reader(std::uint64_t size) : size_(size) {}
    std::size_t read(std::span<std::byte> into) override {
      // An awkward block size, so that blocks and chunks never meet.
      const auto count =
          static_cast<std::size_t>(std::min<std::uint64_t>({into.size(), 65'521, size_ - at_}));
      for (std::size_t i = 0; i < count; ++i) into[i] = generated(at_ + i);
      at_ += count;
      return count;
    }

   private:
    std::uint64_t size_;
    std::uint64_t at_ = 0;
  };
  std::uint64_t size_;
  std::uint64_t given_;
};

Content generated_content(std::uint64_t size) {
  return Content(std::make_shared<GeneratedSource>(size, size));
}

/// How many octets come back as they were generated.
std::uint64_t verified(const Content& content) {
  const auto reader = content.open();
  std::vector<std::byte> block(100'003);
  std::uint64_t at = 0;
  while (const auto count = reader->read(block)) {
    for (std::size_t i = 0; i < count; ++i, ++at) {
      if (block[i] != generated(at)) return at;
    }
  }
  return at;
}

std::int64_t resident_peak_kilobytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

class Contents : public StoreTest {
 protected:
  /// What a query on the file itself gives.
  std::int64_t count(const std::string& sql) {
    SQLite::Database file(path().string(), SQLite::OPEN_READONLY, 1'000);
    return file.execAndGet(sql).getInt64();
  }
  std::int64_t contents_in_file() { return count("SELECT count(*) FROM content"); }
  std::int64_t chunks_in_file() { return count("SELECT count(*) FROM content_chunk"); }
  static Message with(Content content) {
    auto message = letter();
    message.attachments.push_back(mapi::make_attachment("data.bin", std::move(content)));
    return message;
  }
};

TEST_F(Contents, OfEverySizeComeBack) {
  for (const std::uint64_t size :
       {0ULL, 1ULL, 262'143ULL, 262'144ULL, 262'145ULL, 1'048'577ULL, 4'194'304ULL, 4'194'305ULL}) {
    const auto entry = client->submit(outbox(), with(generated_content(size)));
    reopen();
    const auto stored = message(entry);
    ASSERT_EQ(stored.attachments.size(), 1U);
    EXPECT_EQ(stored.attachments[0].data.size(), size);
    EXPECT_EQ(verified(stored.attachments[0].data), size);
    EXPECT_EQ(verified(stored.attachments[0].data), size) << "a second time";
  }
}

TEST_F(Contents, OfManySmallAttachmentsComeBack) {
  auto many = letter();
  for (std::uint64_t i = 0; i < 30; ++i) {
    many.attachments.push_back(mapi::make_attachment("a", generated_content(100'000 + i)));
  }
  const auto stored = message(client->submit(outbox(), many));
  ASSERT_EQ(stored.attachments.size(), 30U);
  for (std::uint64_t i = 0; i < 30; ++i) {
    EXPECT_EQ(verified(stored.attachments[i].data), 100'000 + i);
  }
}

TEST_F(Contents, OfGreatSizePassThroughLittleMemory) {
#if defined(POSTERN_ADDRESS_SANITIZER) || defined(__SANITIZE_THREAD__)
  constexpr std::uint64_t size = 120ULL << 20;  // which take ten times as long
#else
  constexpr std::uint64_t size = 300ULL << 20;
#endif
  const auto before = resident_peak_kilobytes();
  const auto entry = client->submit(outbox(), with(generated_content(size)));
  const auto log = std::filesystem::file_size(path().string() + "-wal");
  EXPECT_EQ(verified(message(entry).attachments[0].data), size);
  client->abort_submit(entry);
  client->delete_messages({entry});
  EXPECT_EQ(chunks_in_file(), 0);
#ifdef POSTERN_ADDRESS_SANITIZER
  (void)before;  // AddressSanitizer holds back 256 MiB of what was freed
#else
  EXPECT_LT(resident_peak_kilobytes() - before, 100 * 1024);
#endif
  EXPECT_LT(log, 100ULL << 20) << "the write-ahead log";
}

TEST_F(Contents, OfTheStoreAreNotCopied) {
  const auto source = std::make_shared<GeneratedSource>(500'000, 500'000);
  const auto handle = client->create_message(outbox(), with(Content(source)));
  EXPECT_EQ(source->opened, 1);
  handle->edit().set(mapi::PR_SUBJECT, "saved again");
  handle->save_changes();
  auto copy = handle->message();
  copy.attachments.push_back(copy.attachments[0]);
  client->submit(outbox(), copy);
  const auto other_provider = open_sqlite_store(path(), support);
  other_provider->logon()->submit(outbox(), message(handle->entry_id()));
  EXPECT_EQ(source->opened, 1);
  EXPECT_EQ(contents_in_file(), 1);
  EXPECT_EQ(count("SELECT count(*) FROM attachment"), 4);
}

TEST_F(Contents, GoWithAllElseThatBelongsToAMessage) {
  const auto kept = client->create_message(outbox(), letter())->entry_id();
  const auto before = count(rows_of_messages());
  const auto entry = client->create_message(outbox(), letter_with_all_parts())->entry_id();
  EXPECT_EQ(count(rows_of_messages()) - before, 16);
  const auto handle = client->open_entry(entry, mapi::Access::modify);
  handle->edit().attachments.pop_back();
  handle->save_changes();
  EXPECT_EQ(count(rows_of_messages()) - before, 8) << "without the embedded message";
  client->delete_messages({entry});
  EXPECT_EQ(count(rows_of_messages()), before);
  EXPECT_EQ(message(kept).get(mapi::PR_SUBJECT), "Hello");
}

TEST_F(Contents, AreOneWhereOneSourceIsAttachedTwice) {
  for (const std::uint64_t size : {1'000ULL, 2'000'000ULL}) {
    auto twice = with(generated_content(size));
    twice.attachments.push_back(twice.attachments[0]);
    client->create_message(outbox(), twice);
  }
  EXPECT_EQ(contents_in_file(), 2);
}

TEST_F(Contents, GoWithTheirLastMessage) {
  for (const std::uint64_t size : {1'000ULL, 9'000'000ULL}) {
    const auto original = client->create_message(outbox(), with(generated_content(size)));
    auto report = letter("Undeliverable");
    report.attachments.push_back(mapi::make_attachment(original->message()));
    const auto copy = client->create_message(outbox(), report)->entry_id();
    client->delete_messages({original->entry_id()});
    const auto embedded = message(copy).attachments.at(0).embedded;
    ASSERT_TRUE(embedded);
    EXPECT_EQ(verified(embedded->attachments.at(0).data), size);
    client->delete_messages({copy});
    EXPECT_EQ(contents_in_file(), 0);
    EXPECT_EQ(chunks_in_file(), 0);
    EXPECT_EQ(count("SELECT count(*) FROM message"), 0);
    const auto gone = embedded->attachments.at(0).data;
    EXPECT_EQ(code_of([&] { verified(gone); }), mapi::MAPI_E_OBJECT_DELETED);
    EXPECT_EQ(code_of([&] { client->submit(outbox(), with(gone)); }), mapi::MAPI_E_OBJECT_DELETED);
  }
}

TEST_F(Contents, OfAFailedSubmissionLeaveNothing) {
  const auto short_one = std::make_shared<GeneratedSource>(9'000'000, 8'999'999);
  const auto long_one = std::make_shared<GeneratedSource>(9'000'000, 9'000'001);
  const auto short_small = std::make_shared<GeneratedSource>(10, 9);
  const auto long_small = std::make_shared<GeneratedSource>(10, 11);
  for (const auto& source : {short_one, long_one, short_small, long_small}) {
    auto mixed = with(generated_content(6'000'000));
    mixed.attachments.push_back(mapi::make_attachment("bad", Content(source)));
    EXPECT_EQ(code_of([&] { client->submit(outbox(), mixed); }), mapi::MAPI_E_CORRUPT_DATA);
  }
  EXPECT_EQ(code_of([&] {
              auto nowhere = outbox();
              nowhere.bytes[22] = std::byte{9};
              client->submit(nowhere, with(generated_content(6'000'000)));
            }),
            mapi::MAPI_E_NOT_FOUND);
  EXPECT_EQ(contents_in_file(), 0);
  EXPECT_EQ(chunks_in_file(), 0);
}

TEST_F(Contents, AreReadFromAStoreThatWasClosedMeanwhile) {
  auto stored = message(client->submit(outbox(), with(generated_content(3'000'000))));
  client.reset();
  provider.reset();
  EXPECT_EQ(verified(stored.attachments[0].data), 3'000'000U);
}

TEST_F(Contents, MoveWithTheirAttachments) {
  auto three = letter();
  for (const std::uint64_t size : {1'000ULL, 2'000ULL, 5'000'000ULL}) {
    three.attachments.push_back(mapi::make_attachment("a", generated_content(size)));
  }
  const auto handle = client->create_message(outbox(), three);
  handle->edit().attachments.erase(handle->edit().attachments.begin());
  std::swap(handle->edit().attachments[0], handle->edit().attachments[1]);
  handle->edit().attachments[1].set(mapi::PR_ATTACH_LONG_FILENAME, "renamed");
  handle->save_changes();
  const auto stored = message(handle->entry_id());
  ASSERT_EQ(stored.attachments.size(), 2U);
  EXPECT_EQ(verified(stored.attachments[0].data), 5'000'000U);
  EXPECT_EQ(verified(stored.attachments[1].data), 2'000U);
  EXPECT_EQ(stored.attachments[1].get(mapi::PR_ATTACH_LONG_FILENAME), "renamed");
  EXPECT_EQ(contents_in_file(), 2);
}

TEST_F(Contents, NestedMessagesComeBackExactly) {
  auto inner = letter("inner", 2);
  inner.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_READ);
  inner.set(mapi::PropertyName{mapi::PS_PUBLIC_STRINGS, "Keywords"},
            std::vector<std::string>{"a", "b"});
  inner.attachments.push_back(mapi::make_attachment("x", generated_content(300'000)));
  auto middle = letter("middle");
  middle.attachments.push_back(mapi::make_attachment(inner));
  auto outer = letter("outer");
  outer.attachments.push_back(mapi::make_attachment(middle));
  const auto stored = message(client->submit(outbox(), outer));
  const auto& found = stored.attachments.at(0).embedded->attachments.at(0).embedded;
  EXPECT_EQ(static_cast<const mapi::PropertyBag&>(*found), inner);
  EXPECT_EQ(found->recipients, inner.recipients);
  EXPECT_EQ(verified(found->attachments.at(0).data), 300'000U);
}

TEST_F(Contents, NestedTooDeepAreRefused) {
  auto nested = letter();
  for (int depth = 0; depth < 100; ++depth) {
    auto outer = letter();
    outer.attachments.push_back(mapi::make_attachment(nested));
    nested = outer;
  }
  EXPECT_EQ(code_of([&] { client->submit(outbox(), nested); }), mapi::MAPI_E_TOO_COMPLEX);
}

TEST_F(Contents, UnfinishedOnesOfADeadWriterAreSweptAndOthersAreLeft) {
  {
    SQLite::Database file(path().string(), SQLite::OPEN_READWRITE, 1'000);
    file.exec("INSERT INTO content (id, size, writer) VALUES (1, 3, 12345)");
    file.exec("INSERT INTO content_chunk VALUES (1, 0, x'616263')");
  }
  // A writer in the middle of its work in another opening of the store: it must not be swept.
  class Slow final : public mapi::ContentSource {
   public:
    explicit Slow(std::function<void()> between) : between_(std::move(between)) {}
    [[nodiscard]] std::uint64_t size() const override { return 12ULL << 20; }
    [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
      return std::make_unique<Reader>(generated_content(size()).open(), between_);
    }

   private:
    class Reader final : public mapi::ContentReader {
     public:
      Reader(std::unique_ptr<mapi::ContentReader> inner, std::function<void()> between)
          : inner_(std::move(inner)), between_(std::move(between)) {}
      std::size_t read(std::span<std::byte> into) override {
        const auto count = inner_->read(into);
        const auto before = at_;
        at_ += count;
        if (before < (8ULL << 20) && at_ >= (8ULL << 20)) between_();
        return count;
      }

     private:
      std::unique_ptr<mapi::ContentReader> inner_;
      std::function<void()> between_;
      std::uint64_t at_ = 0;
    };
    std::function<void()> between_;
  };
  const auto entry = client->submit(outbox(), with(Content(std::make_shared<Slow>([&] {
                                      ASSERT_EQ(contents_in_file(), 2);
                                      const auto other = open_sqlite_store(path(), support);
                                      EXPECT_EQ(contents_in_file(), 1)
                                          << "only the dead writer's is swept";
                                    }))));
  EXPECT_EQ(verified(message(entry).attachments[0].data), 12ULL << 20);
}

class Saving : public Contents {
 protected:
  void log_writes() {
    SQLite::Database file(path().string(), SQLite::OPEN_READWRITE, 1'000);
    file.exec("CREATE TABLE write_log (part TEXT)");
    for (const char* part : {"properties", "recipients"}) {
      file.exec(std::string("CREATE TRIGGER log_") + part + " AFTER UPDATE ON message WHEN old." +
                part + " <> new." + part + " BEGIN INSERT INTO write_log VALUES ('" + part +
                "'); END");
    }
    for (const char* table : {"recipient", "message_body", "message_transcript", "attachment"}) {
      for (const char* operation : {"INSERT", "UPDATE", "DELETE"}) {
        file.exec(std::string("CREATE TRIGGER log_") + table + operation + " AFTER " + operation +
                  " ON " + table + " BEGIN INSERT INTO write_log VALUES ('" + table + "'); END");
      }
    }
  }
  std::int64_t writes(const std::string& table) {
    return count("SELECT count(*) FROM write_log WHERE part = '" + table + "'");
  }
};

TEST_F(Saving, OneVerdictAmongManyRecipientsWritesOneRow) {
  auto wide = letter("wide", 1'321);
  wide.set(mapi::PR_HTML, mapi::Binary(100'000));
  const auto entry = client->submit(outbox(), wide);
  log_spooler_on();
  const auto handle = spooler->open_entry(entry, Access::modify);
  log_writes();
  handle->edit().recipients[700].set(mapi::PR_RESPONSIBILITY, true);
  handle->save_changes();
  EXPECT_EQ(writes("recipient"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM write_log"), 1);
  handle->edit().set(mapi::PR_POSTERN_NEXT_ATTEMPT, mapi::FileTime{9});
  handle->save_changes();
  EXPECT_EQ(writes("properties"), 1);
  EXPECT_EQ(writes("message_body"), 0);
  EXPECT_EQ(message(entry).recipients[700].get(mapi::PR_RESPONSIBILITY), true);
}

TEST_F(Saving, AnAttemptDoesNotRewriteTheBody) {
  auto big = letter();
  big.set(mapi::PR_HTML, mapi::Binary(100'000));
  const auto entry = client->submit(outbox(), big);
  log_spooler_on();
  const auto handle = spooler->open_entry(entry, Access::modify);
  log_writes();
  for (const auto lines : {std::size_t{100}, std::size_t{200}}) {
    handle->edit().set(mapi::PR_POSTERN_TRANSCRIPT, std::string(lines * 50, 't'));
    handle->edit().set(mapi::PR_POSTERN_RETRIES, static_cast<std::int32_t>(lines));
    handle->save_changes();
    EXPECT_EQ(message(entry).get(mapi::PR_POSTERN_TRANSCRIPT)->size(), lines * 50);
  }
  EXPECT_EQ(writes("message_transcript"), 2);
  EXPECT_EQ(writes("properties"), 2);
  EXPECT_EQ(writes("message_body"), 0);
  handle->edit().erase(mapi::PR_POSTERN_TRANSCRIPT);
  handle->save_changes();
  EXPECT_FALSE(message(entry).get(mapi::PR_POSTERN_TRANSCRIPT));
  EXPECT_EQ(message(entry).get_or(mapi::PR_MESSAGE_SIZE, 0),
            client->contents(outbox()).front().message_size);
}

TEST_F(Saving, RecomputesTheDisplayLists) {
  const auto handle = client->create_message(outbox(), letter("lists", 2));
  auto& changed = handle->edit();
  changed.recipients[1].set(mapi::PR_RECIPIENT_TYPE, 3);
  auto envelope_only = changed.recipients[0];
  envelope_only.set(mapi::PR_RECIPIENT_TYPE, static_cast<std::int32_t>(mapi::RecipientType::p1));
  changed.recipients.push_back(envelope_only);
  handle->save_changes();
  const auto stored = message(handle->entry_id());
  EXPECT_EQ(stored.get(mapi::PR_DISPLAY_TO), "Recipient 0");
  EXPECT_EQ(stored.get(mapi::PR_DISPLAY_CC), "");
  EXPECT_EQ(stored.get(mapi::PR_DISPLAY_BCC), "Recipient 1");
  EXPECT_EQ(stored.recipients.size(), 3U);
}

TEST_F(Saving, CannotMakeAMessageSubmitted) {
  const auto handle = client->create_message(outbox(), letter());
  handle->edit().set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_SUBMIT | mapi::MSGFLAG_READ);
  handle->save_changes();
  EXPECT_EQ(message(handle->entry_id()).get(mapi::PR_MESSAGE_FLAGS),
            mapi::MSGFLAG_UNSENT | mapi::MSGFLAG_READ);
}

TEST_F(Saving, CannotChangeWhetherAMessageIsAResendOrAssociated) {
  constexpr auto fixed = mapi::MSGFLAG_RESEND | mapi::MSGFLAG_ASSOCIATED;
  for (const auto created : {0, mapi::MSGFLAG_RESEND, mapi::MSGFLAG_ASSOCIATED}) {
    auto draft = letter();
    draft.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNSENT | created);
    const auto handle = client->create_message(outbox(), draft);
    for (const auto asked : {0, fixed}) {
      handle->edit().set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNSENT | asked);
      handle->save_changes();
      EXPECT_EQ(message(handle->entry_id()).get_or(mapi::PR_MESSAGE_FLAGS, 0) & fixed, created);
    }
  }
}

TEST_F(Saving, KeepsWhatAnotherHandleHasSaved) {
  const auto one = client->create_message(outbox(), letter("both", 3));
  const auto other = client->open_entry(one->entry_id(), Access::modify);
  one->edit().set(mapi::PR_SUBJECT, "by one");
  one->edit().set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNSENT | mapi::MSGFLAG_READ);
  one->edit().recipients[0].set(mapi::PR_RESPONSIBILITY, true);
  one->edit().attachments.push_back(mapi::make_attachment("a", generated_content(10)));
  one->save_changes();
  other->edit().set(mapi::PR_BODY, "by the other");
  other->edit().recipients[2].set(mapi::PR_RESPONSIBILITY, true);
  other->save_changes();
  const auto stored = message(one->entry_id());
  EXPECT_EQ(stored.get(mapi::PR_SUBJECT), "by one");
  EXPECT_EQ(stored.get(mapi::PR_MESSAGE_FLAGS),
            mapi::MSGFLAG_UNSENT | mapi::MSGFLAG_READ | mapi::MSGFLAG_HASATTACH);
  EXPECT_EQ(stored.get(mapi::PR_BODY), "by the other");
  EXPECT_EQ(stored.recipients[0].get(mapi::PR_RESPONSIBILITY), true);
  EXPECT_EQ(stored.recipients[2].get(mapi::PR_RESPONSIBILITY), true);
  EXPECT_EQ(stored.attachments.size(), 1U);
  EXPECT_EQ(other->message().get(mapi::PR_SUBJECT), "by one");
}

TEST_F(Saving, ViewsOfUnchangedPropertiesStayGood) {
  const auto handle = client->create_message(outbox(), letter());
  const auto subject = *handle->message().get(mapi::PR_SUBJECT);
  handle->edit().attachments.push_back(mapi::make_attachment("a", generated_content(10)));
  handle->save_changes();
  EXPECT_EQ(subject, "Hello");
  EXPECT_EQ(subject.data(), handle->message().get(mapi::PR_SUBJECT)->data());
}

TEST_F(Saving, AnAttachedFileMayGoAfterwards) {
  const auto file = directory / "attached.txt";
  std::ofstream(file) << "some text";
  const auto handle = client->create_message(outbox(), with(Content::from_file(file)));
  std::filesystem::remove(file);
  EXPECT_EQ(handle->message().attachments[0].data.read_all().size(), 9U);
  handle->edit().attachments[0].set(mapi::PR_ATTACH_LONG_FILENAME, "renamed.txt");
  handle->save_changes();
  EXPECT_EQ(message(handle->entry_id()).attachments[0].data.read_all().size(), 9U);
}

}  // namespace
}  // namespace postern::store::test
