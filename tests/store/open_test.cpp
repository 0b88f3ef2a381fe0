// What opening says about files that are no stores, and what a failed call leaves behind.
#include <fstream>
#include <mutex>
#include <set>
#include <sys/mount.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <SQLiteCpp/Database.h>

#include "tests/resource_limits.h"
#include "tests/store/store_fixture.h"

namespace postern::store::test {
namespace {

namespace fs = std::filesystem;

class Opening : public ::testing::Test {
 protected:
  [[nodiscard]] mapi::Code open(const fs::path& path) {
    sentence = sentence_of([&] { (void)open_sqlite_store(path, support); });
    return code_of([&] { (void)open_sqlite_store(path, support); });
  }
  static std::string octets_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] bool names_it(const fs::path& path) const {
    return sentence.find(path.string()) != std::string::npos;
  }

  postern::test::TemporaryDirectory directory;
  ScriptedSupport support;
  std::string sentence;
};

/// Without root's powers, as long as it lives.
class Unprivileged {
 public:
  Unprivileged() {
    if (was_root_ && ::seteuid(65'534) != 0) throw std::runtime_error("cannot drop privileges");
  }
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;
  ~Unprivileged() {
    if (was_root_ && ::seteuid(0) != 0) std::abort();
  }

 private:
  bool was_root_ = ::geteuid() == 0;
};

TEST_F(Opening, MakesTheStoreAndItsDirectories) {
  const auto path = directory / "not" / "yet" / "there" / "store.sqlite";
  EXPECT_EQ(open(path), mapi::S_OK);
  EXPECT_EQ(open(path), mapi::S_OK) << "again";
  struct stat of_file {};
  ASSERT_EQ(::stat(path.c_str(), &of_file), 0);
  EXPECT_EQ(of_file.st_mode & 07, 0U) << "mail is nothing for everybody";
}

TEST_F(Opening, TakesAnEmptyFileAndARelativePath) {
  const auto before = fs::current_path();
  fs::current_path(directory.path());
  std::ofstream("file:odd?name").flush();
  EXPECT_EQ(open("file:odd?name"), mapi::S_OK);
  EXPECT_GT(fs::file_size(directory / "file:odd?name"), 0U);
  fs::current_path(before);
}

TEST_F(Opening, ThroughALinkIsTheSameStoreWithTheSameSpooler) {
  const auto path = directory / "store.sqlite";
  const auto link = directory / "link";
  fs::create_symlink(path, link);
  const auto one = open_sqlite_store(link, support);
  const auto other = open_sqlite_store(path, support);
  const auto spooler = one->spooler_logon();
  EXPECT_EQ(code_of([&] { (void)other->spooler_logon(); }), mapi::MAPI_E_BUSY);
}

TEST_F(Opening, ByManyAtOnceMakesOneStore) {
  const auto path = directory / "store.sqlite";
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::set<mapi::EntryId> outboxes;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      const auto provider = open_sqlite_store(path, support);
      const auto outbox = provider->logon()->folder(mapi::SpecialFolder::outbox);
      const std::lock_guard lock(mutex);
      outboxes.insert(outbox);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(outboxes.size(), 1U);
}

TEST_F(Opening, RefusesAFileThatIsNoDatabase) {
  const auto path = directory / "letter.txt";
  const std::string text =
      "Dear Sir or Madam, this is no message store. " + std::string(4'096, '.');
  std::ofstream(path) << text;
  EXPECT_EQ(open(path), mapi::MAPI_E_CORRUPT_STORE);
  EXPECT_TRUE(names_it(path)) << sentence;
  EXPECT_EQ(octets_of(path), text) << "it is left as it was";
  EXPECT_FALSE(fs::exists(path.string() + "-lock"));
}

TEST_F(Opening, RefusesADatabaseOfAnotherProgram) {
  const auto path = directory / "other.sqlite";
  {
    SQLite::Database other(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    other.exec("CREATE TABLE recipes (name TEXT)");
  }
  const auto before = octets_of(path);
  EXPECT_EQ(open(path), mapi::MAPI_E_CORRUPT_STORE);
  EXPECT_TRUE(names_it(path)) << sentence;
  EXPECT_EQ(octets_of(path), before);
}

TEST_F(Opening, RefusesAStoreOfANewerVersion) {
  const auto path = directory / "store.sqlite";
  ASSERT_EQ(open(path), mapi::S_OK);
  SQLite::Database(path.string(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 99");
  EXPECT_EQ(open(path), mapi::MAPI_E_VERSION);
  EXPECT_TRUE(names_it(path)) << sentence;
}

TEST_F(Opening, RefusesADirectory) {
  EXPECT_EQ(open(directory.path()), mapi::MAPI_E_CORRUPT_STORE);
}

TEST_F(Opening, RefusesAFileThatCannotBeWritten) {
  const auto path = directory / "store.sqlite";
  ASSERT_EQ(open(path), mapi::S_OK);
  fs::permissions(directory.path(), fs::perms::all);
  fs::permissions(path, fs::perms::owner_read | fs::perms::others_read);
  const Unprivileged unprivileged;
  EXPECT_EQ(open(path), mapi::MAPI_E_NO_ACCESS);
  EXPECT_TRUE(names_it(path)) << sentence;
}

TEST_F(Opening, RefusesADirectoryThatCannotBeWritten) {
  const auto path = directory / "store.sqlite";
  ASSERT_EQ(open(path), mapi::S_OK);
  fs::permissions(path, fs::perms::all);
  fs::permissions(directory.path(), fs::perms::owner_read | fs::perms::owner_exec |
                                        fs::perms::others_read | fs::perms::others_exec);
  {
    const Unprivileged unprivileged;
    EXPECT_EQ(open(path), mapi::MAPI_E_NO_ACCESS);
    EXPECT_TRUE(names_it(directory.path())) << sentence;
    EXPECT_EQ(open(directory / "new.sqlite"), mapi::MAPI_E_NO_ACCESS);
    EXPECT_EQ(open(directory / "below" / "new.sqlite"), mapi::MAPI_E_NO_ACCESS);
  }
  fs::permissions(directory.path(), fs::perms::owner_all);
}

TEST_F(Opening, FindsADamagedStore) {
  const auto path = directory / "store.sqlite";
  {
    const auto provider = open_sqlite_store(path, support);
    const auto store = provider->logon();
    for (int i = 0; i < 50; ++i) {
      store->submit(store->folder(mapi::SpecialFolder::outbox), letter("damaged", 5));
    }
  }
  const auto size = fs::file_size(path);
  {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(4'096);
    file << std::string(size - 4'096, '\xA5');
  }
  EXPECT_EQ(open(path), mapi::MAPI_E_CORRUPT_STORE);
  EXPECT_TRUE(names_it(path)) << sentence;
}

TEST_F(Opening, FindsDamagedProperties) {
  const auto path = directory / "store.sqlite";
  const auto provider = open_sqlite_store(path, support);
  const auto store = provider->logon();
  const auto entry = store->submit(store->folder(mapi::SpecialFolder::outbox), letter());
  SQLite::Database(path.string(), SQLite::OPEN_READWRITE, 1'000)
      .exec("UPDATE message SET properties = x'01FF'");
  EXPECT_EQ(code_of([&] { store->open_entry(entry, mapi::Access::read_only); }),
            mapi::MAPI_E_CORRUPT_STORE);
}

/// A file system of four megabytes, where root may make one.
class FullDisk : public Opening {
 protected:
  void SetUp() override {
    mounted_ =
        ::geteuid() == 0 && ::mount("tmpfs", directory.path().c_str(), "tmpfs", 0, "size=4m") == 0;
    if (!mounted_) GTEST_SKIP() << "only root can make a small file system";
  }
  void TearDown() override {
    if (mounted_) ::umount2(directory.path().c_str(), MNT_DETACH);
  }

 private:
  bool mounted_ = false;
};

TEST_F(Opening, WithoutDescriptorsIsNoFaultOfTheStoresAndSaysWhatToDo) {
  POSTERN_NEEDS_DESCRIPTORS();
  const auto path = directory / "store.sqlite";
  ASSERT_EQ(open(path), mapi::S_OK);
  bool failed = false;
  for (int more = 0; more < 16; ++more) {
    postern::test::DescriptorLimit limit(more);
    limit.begin();
    const auto code = open(path);
    limit.end();
    if (code == mapi::S_OK) continue;
    failed = true;
    EXPECT_EQ(code, mapi::MAPI_E_NOT_ENOUGH_RESOURCES) << more << ": " << sentence;
    EXPECT_NE(sentence.find("ulimit -n"), std::string::npos) << sentence;
  }
  EXPECT_TRUE(failed);
}

TEST_F(Opening, LoggingOnWithoutDescriptorsIsNoFaultOfTheStoresAndLeavesNothingLocked) {
  POSTERN_NEEDS_DESCRIPTORS();
  const auto path = directory / "store.sqlite";
  (void)open_sqlite_store(path, support);
  bool failed = false;
  for (int more = 0; more < 6; ++more) {
    const auto provider = open_sqlite_store(path, support);
    postern::test::DescriptorLimit limit(more);
    limit.begin();
    const auto code = code_of([&] { (void)provider->spooler_logon(); });
    limit.end();
    EXPECT_TRUE(code == mapi::MAPI_E_NOT_ENOUGH_RESOURCES || (code == mapi::S_OK && more > 0))
        << more;
    failed = failed || code != mapi::S_OK;
    EXPECT_EQ(code_of([&] { (void)provider->spooler_logon(); }), mapi::S_OK) << more;
  }
  EXPECT_TRUE(failed);
}

TEST(NotifierDeathTest, WithoutAThreadThereIsASentence) {
  POSTERN_NEEDS_ROOT();
  postern::test::TemporaryDirectory directory;
  const auto path = directory / "store.sqlite";
  ScriptedSupport support;
  (void)open_sqlite_store(path, support);
  fs::permissions(directory.path(), fs::perms::all);
  for (const auto& file : fs::directory_iterator(directory.path())) {
    fs::permissions(file.path(), fs::perms::all);
  }
  const auto advise = [&] {
    const auto provider = open_sqlite_store(path, support);
    const auto store = provider->logon();
    return code_of([&] { (void)store->advise({}); }) == mapi::MAPI_E_NOT_ENOUGH_RESOURCES;
  };
  EXPECT_EXIT(postern::test::exit_with_threads(0, advise), testing::ExitedWithCode(0), "");
}

TEST_F(FullDisk, RefusesOneSubmissionAndKeepsTheOthers) {
  const auto path = directory / "store.sqlite";
  std::vector<mapi::EntryId> submitted;
  const auto bulky = [](const std::string& subject) {
    auto message = letter(subject);
    message.set(mapi::PR_BODY, std::string(50'000, 'x'));
    return message;
  };
  {
    const auto provider = open_sqlite_store(path, support);
    const auto store = provider->logon();
    const auto outbox = store->folder(mapi::SpecialFolder::outbox);
    auto code = mapi::S_OK;
    for (int i = 0; i < 1'000 && code == mapi::S_OK; ++i) {
      code = code_of([&] { submitted.push_back(store->submit(outbox, bulky(std::to_string(i)))); });
    }
    EXPECT_EQ(code, mapi::MAPI_E_NOT_ENOUGH_DISK);
    EXPECT_GT(submitted.size(), 5U);
    sentence = sentence_of([&] { store->submit(outbox, bulky("one too many")); });
    EXPECT_TRUE(names_it(path)) << sentence;
    auto big = letter();
    big.attachments.push_back(
        mapi::make_attachment("big", mapi::Content::from_bytes(std::vector<std::byte>(9'000'000))));
    EXPECT_EQ(code_of([&] { store->submit(outbox, big); }), mapi::MAPI_E_NOT_ENOUGH_DISK);
    EXPECT_EQ(store->outgoing_queue().size(), submitted.size());
  }
  ASSERT_EQ(::mount("tmpfs", directory.path().c_str(), "tmpfs", MS_REMOUNT, "size=40m"), 0);
  const auto provider = open_sqlite_store(path, support);
  const auto store = provider->logon();
  const auto queue = store->outgoing_queue();
  ASSERT_EQ(queue.size(), submitted.size());
  for (std::size_t i = 0; i < queue.size(); ++i) {
    EXPECT_EQ(queue[i].entry_id, submitted[i]);
    EXPECT_EQ(store->open_entry(submitted[i], mapi::Access::read_only)
                  ->message()
                  .get(mapi::PR_BODY)
                  ->size(),
              50'000U);
  }
  EXPECT_EQ(code_of([&] {
              store->submit(store->folder(mapi::SpecialFolder::outbox), bulky("there is room"));
            }),
            mapi::S_OK);
}

TEST_F(FullDisk, SendingGoesOnOnceThereIsRoomForVerdictsAgain) {
  const auto path = directory / "store.sqlite";
  const auto reserve = path.string() + "-reserve";
  const auto filler = directory / "filler";
  const auto provider = open_sqlite_store(path, support);
  const auto store = provider->spooler_logon();
  const auto outbox = store->folder(mapi::SpecialFolder::outbox);
  const auto first = store->submit(outbox, letter("first"));
  const auto second = store->submit(outbox, letter("second"));
  const auto lock = [&](const mapi::EntryId& entry) {
    return code_of([&] { store->set_lock_state(entry, mapi::LockState::locked); });
  };
  ASSERT_EQ(lock(first), mapi::S_OK);
  std::ofstream(filler) << std::string(8 << 20, 'x');

  const auto handle = store->open_entry(first, mapi::Access::modify);
  handle->edit().set(mapi::PR_BODY, std::string(100'000, 'v'));
  EXPECT_EQ(code_of([&] { handle->save_changes(); }), mapi::S_OK) << "there was room for it";
  EXPECT_FALSE(fs::exists(reserve));
  EXPECT_EQ(lock(second), mapi::MAPI_E_NOT_ENOUGH_DISK) << "while another one is under way";
  store->set_lock_state(first, mapi::LockState::unlocked);
  EXPECT_EQ(lock(second), mapi::MAPI_E_NOT_ENOUGH_DISK) << "before there is room again";
  fs::remove(filler);
  EXPECT_EQ(lock(second), mapi::S_OK);
  EXPECT_TRUE(fs::exists(reserve));
}

TEST_F(FullDisk, SeveralThatWereSentAreFinishedTogetherInWhatWasReserved) {
  const auto provider = open_sqlite_store(directory / "store.sqlite", support);
  const auto store = provider->spooler_logon();
  const auto outbox = store->folder(mapi::SpecialFolder::outbox);
  std::vector<std::unique_ptr<mapi::MessageHandle>> handles;
  std::vector<mapi::MessageHandle*> given;
  for (int i = 0; i < 3; ++i) {
    const auto entry = store->submit(outbox, letter(std::to_string(i)));
    store->set_lock_state(entry, mapi::LockState::locked);
    handles.push_back(store->open_entry(entry, mapi::Access::modify));
    handles.back()->edit().set(mapi::PR_BODY, std::string(100'000, 'v'));
    given.push_back(handles.back().get());
  }
  std::ofstream(directory / "filler") << std::string(8 << 20, 'x');
  for (const auto& failure : store->save_and_finish_all(given)) {
    EXPECT_FALSE(failure) << failure->what();
  }
  EXPECT_FALSE(fs::exists(directory / "store.sqlite-reserve"));
  EXPECT_TRUE(store->queue_is_empty());
}

TEST_F(FullDisk, RefusesANewStoreAndTakesItLater) {
  const auto path = directory / "store.sqlite";
  std::ofstream(directory / "filler") << std::string(8 << 20, 'x');
  EXPECT_EQ(open(path), mapi::MAPI_E_NOT_ENOUGH_DISK) << sentence;
  fs::remove(directory / "filler");
  EXPECT_EQ(open(path), mapi::S_OK);
}

}  // namespace
}  // namespace postern::store::test
