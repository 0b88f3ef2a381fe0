#include "store/sqlite/connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include <SQLiteCpp/Column.h>
#include <climits>
#include <sqlite3.h>

#include "base/resource_exhaustion.h"

namespace postern::store {
namespace {

/// Another process's commit takes a fraction of a millisecond if its disk is fast; the handler of
/// SQLite would sleep many times as long.
constexpr std::chrono::microseconds first_busy_pause{50};
constexpr std::chrono::milliseconds longest_busy_pause{5};
// A log of 2,000 pages (8 MB) is moved into the file; one of 16,000 (64 MB) shows that readers
// have kept it from beginning anew, so new readers are held back until it does.
constexpr int checkpoint_pages = 2'000;
constexpr int restart_pages = 16'000;
constexpr std::chrono::seconds restart_wait{1};

struct ErrorMeaning {
  int code;  ///< SQLite's primary result code
  mapi::Code mapi_code;
  const char* sentence;  ///< after "the store '…' "
};

constexpr std::array meanings{
    ErrorMeaning{SQLITE_FULL, mapi::MAPI_E_NOT_ENOUGH_DISK,
                 "cannot grow because the disk is full; free some space and try again"},
    ErrorMeaning{SQLITE_IOERR, mapi::MAPI_E_DISK_ERROR,
                 "cannot be read or written; check the disk it lies on"},
    ErrorMeaning{SQLITE_READONLY, mapi::MAPI_E_NO_ACCESS,
                 "cannot be written; check the permissions of the file and its directory"},
    ErrorMeaning{SQLITE_PERM, mapi::MAPI_E_NO_ACCESS,
                 "cannot be opened; check the permissions of the file and its directory"},
    ErrorMeaning{SQLITE_CANTOPEN, mapi::MAPI_E_NO_ACCESS,
                 "cannot be opened; check the permissions of the file and its directory"},
    ErrorMeaning{SQLITE_NOTADB, mapi::MAPI_E_CORRUPT_STORE,
                 "is no message store, or is damaged at its beginning"},
    ErrorMeaning{SQLITE_CORRUPT, mapi::MAPI_E_CORRUPT_STORE, "is damaged"},
    ErrorMeaning{SQLITE_BUSY, mapi::MAPI_E_BUSY, "is held by another process; try again"},
    ErrorMeaning{SQLITE_LOCKED, mapi::MAPI_E_BUSY, "is held by another process; try again"},
    ErrorMeaning{SQLITE_NOMEM, mapi::MAPI_E_NOT_ENOUGH_MEMORY, "needs more memory than there is"},
    ErrorMeaning{SQLITE_TOOBIG, mapi::MAPI_E_TOO_BIG, "cannot hold a value as big as this"},
};
constexpr ErrorMeaning unknown_meaning{SQLITE_ERROR, mapi::MAPI_E_CALL_FAILED, "gave an error"};

/// SQLite counts the octets of the whole process under one mutex, for which all threads would wait
/// dozens of times a message. Has no effect in a process that has used SQLite before.
void leave_memory_uncounted() {
  static const int done = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(done);
}

/// What the system says tells more than SQLite's code for a failed read, write or open.
struct SystemMeaning {
  int error;
  ErrorMeaning meaning;
};
constexpr std::array system_meanings{
    SystemMeaning{ENOSPC, meanings.front()},
    SystemMeaning{EDQUOT, meanings.front()},
    SystemMeaning{EFBIG, meanings.front()},
};

bool depends_on_system(int code) {
  return code == SQLITE_IOERR || code == SQLITE_CANTOPEN;
}

/// The index in shared memory could not be made longer, which has one cause; the system's error is
/// that of an earlier call.
bool is_full(int extended_code) {
  return extended_code == SQLITE_IOERR_SHMSIZE;
}

const ErrorMeaning& meaning_of(int extended_code, int system_error) {
  if (is_full(extended_code)) return meanings.front();
  const int code = extended_code & 0xFF;
  if (depends_on_system(code)) {
    const auto* found = std::ranges::find(system_meanings, system_error, &SystemMeaning::error);
    if (found != system_meanings.end()) return found->meaning;
  }
  const auto* found = std::ranges::find(meanings, code, &ErrorMeaning::code);
  return found == meanings.end() ? unknown_meaning : *found;
}

/// The file, its log, its index, and one more: a connection that could not be opened has given back
/// the descriptors that it had, and the system's error has been forgotten over that.
constexpr std::size_t descriptors_of_a_connection = 4;

/// EAGAIN is what a lock that others hold gives; SQLite starts no threads.
int lack_of(int code, int system_error) {
  if (!depends_on_system(code)) return 0;
  if (system_error != EAGAIN && exhausted_resource(system_error)) return system_error;
  return code == SQLITE_CANTOPEN ? descriptors_exhausted(descriptors_of_a_connection).value() : 0;
}

mapi::Failure failure_of(const std::filesystem::path& path, const SQLite::Exception& error,
                         int system_error) {
  // An exception that SQLite's wrapper has made by itself has no extended code.
  const int extended_code = error.getExtendedErrorCode();
  const int code = extended_code < 0 ? error.getErrorCode() : extended_code;
  const std::string store = "the store '" + path.string() + "' ";
  if (const int lack = is_full(code) ? 0 : lack_of(code & 0xFF, system_error); lack != 0) {
    return mapi::system_failure(mapi::MAPI_E_DISK_ERROR, store + "cannot be used", lack);
  }
  const auto& meaning = meaning_of(code, system_error);
  return {meaning.mapi_code, store + meaning.sentence + " (" + error.what() + ")"};
}

/// What SQLite throws becomes what the store throws, where it is thrown.
template <class Call>
decltype(auto) guarded(const SqliteConnection& connection, Call&& call) {
  try {
    return call();
  } catch (const SQLite::Exception& error) {
    throw connection.failure(error);
  }
}

class SqliteStatement final : public Statement {
 public:
  SqliteStatement(SqliteConnection& connection, SQLite::Database& database, std::string_view sql)
      : connection_(connection), statement_(database, std::string(sql)) {}

  void bind(int index, std::nullptr_t) override {
    guarded(connection_, [&] { statement_.bind(index); });
  }
  void bind(int index, std::int64_t value) override {
    guarded(connection_, [&] { statement_.bind(index, value); });
  }
  void bind(int index, const std::string& value) override {
    guarded(connection_, [&] { statement_.bind(index, value); });
  }
  void bind(int index, std::span<const std::byte> value) override;
  void bind(int index, std::optional<std::int64_t> value) override {
    value ? bind(index, *value) : bind(index, nullptr);
  }
  void bind(int index, const std::optional<std::string>& value) override {
    value ? bind(index, *value) : bind(index, nullptr);
  }

  bool next() override {
    return guarded(connection_, [&] { return statement_.executeStep(); });
  }
  void run() override { run_and_count(); }
  int run_and_count() override {
    return guarded(connection_, [&] { return statement_.exec(); });
  }

  [[nodiscard]] bool is_null(int column) const override { return statement_.isColumnNull(column); }
  [[nodiscard]] std::int64_t integer(int column) const override { return value(column).getInt64(); }
  [[nodiscard]] std::string text(int column) const override { return value(column).getString(); }
  [[nodiscard]] std::span<const std::byte> blob(int column) const override {
    const auto octets = value(column);
    return {static_cast<const std::byte*>(octets.getBlob()),
            static_cast<std::size_t>(octets.getBytes())};
  }

  void reset() override {
    statement_.tryReset();  // gives the error of the execution again, which was thrown already
    statement_.clearBindings();
  }

 private:
  [[nodiscard]] SQLite::Column value(int column) const {
    return guarded(connection_, [&] { return statement_.getColumn(column); });
  }

  SqliteConnection& connection_;
  mutable SQLite::Statement statement_;
};

void SqliteStatement::bind(int index, std::span<const std::byte> value) {
  static constexpr std::byte nothing{};  // a null pointer would be bound as NULL
  if (value.size() > INT_MAX) {
    throw mapi::Failure(mapi::MAPI_E_TOO_BIG, "properties of " + std::to_string(value.size()) +
                                                  " octets are more than a store can hold");
  }
  guarded(connection_, [&] {
    statement_.bindNoCopy(index, value.empty() ? &nothing : value.data(),
                          static_cast<int>(value.size()));
  });
}

}  // namespace

SqliteConnection::SqliteConnection(const std::filesystem::path& path, Use use)
    : Connection("'" + path.string() + "'"),
      path_(path),
      // One thread at a time uses a connection.
      database_(path_.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX) {
  sqlite3_busy_handler(
      database_.getHandle(),
      [](void* connection, int tries) {
        return static_cast<SqliteConnection*>(connection)->wait_while_busy(tries) ? 1 : 0;
      },
      this);
  database_.exec(
      "PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;"
      "PRAGMA temp_store = MEMORY;"
      "PRAGMA secure_delete = OFF; PRAGMA journal_size_limit = 67108864;");
  // Pages that a commit changes beyond this many KiB are written twice; what a reader keeps is of
  // no use after the next commit.
  database_.exec(use == Use::read ? "PRAGMA query_only = ON; PRAGMA cache_size = -1024"
                                  : "PRAGMA cache_size = -8192");
  // Instead of SQLite's automatic checkpoint, which would make the committing caller wait.
  sqlite3_wal_hook(
      database_.getHandle(),
      [](void* connection, sqlite3*, const char*, int pages) {
        static_cast<SqliteConnection*>(connection)->log_pages_ = pages;
        return SQLITE_OK;
      },
      this);
}

SqliteConnection::~SqliteConnection() {
  drop_statements();
}

std::unique_ptr<Statement> SqliteConnection::prepare(std::string_view sql) {
  return guarded(*this, [&] { return std::make_unique<SqliteStatement>(*this, database_, sql); });
}

std::optional<std::int64_t> SqliteConnection::new_number(Numbered /*table*/) {
  return std::nullopt;
}

void SqliteConnection::execute(const char* sql) {
  guarded(*this, [&] { database_.exec(sql); });
}

std::int64_t SqliteConnection::integer(std::string_view sql) {
  auto single = query(sql);
  return single.next() ? single.integer(0) : 0;
}

std::int64_t SqliteConnection::last_message() {
  return integer("SELECT seq FROM sqlite_sequence WHERE name = 'message'");
}

bool SqliteConnection::in_transaction() const {
  return sqlite3_get_autocommit(database_.getHandle()) == 0;
}

void SqliteConnection::roll_back() noexcept {
  if (in_transaction()) database_.tryExec("ROLLBACK");
}

/// False: another process has held the store for too long.
bool SqliteConnection::wait_while_busy(int tries) {
  const auto now = std::chrono::steady_clock::now();
  if (tries == 0) busy_since_ = now;
  if (now - busy_since_ >= patience_) return false;
  std::this_thread::sleep_for(
      std::min<std::chrono::microseconds>(first_busy_pause * (tries + 1), longest_busy_pause));
  return true;
}

void SqliteConnection::checkpoint_if_due() noexcept {
  if (log_pages_ < checkpoint_pages) return;
  auto* handle = database_.getHandle();
  if (log_pages_ < restart_pages) {
    sqlite3_wal_checkpoint_v2(handle, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  } else {
    const auto patience = std::exchange(patience_, restart_wait);
    sqlite3_wal_checkpoint_v2(handle, nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
    patience_ = patience;
  }
  log_pages_ = 0;
}

mapi::Failure SqliteConnection::failure(const SQLite::Exception& error) const {
  return failure_of(path_, error, sqlite3_system_errno(database_.getHandle()));
}

std::unique_ptr<SqliteConnection> open_connection(const std::filesystem::path& path,
                                                  SqliteConnection::Use use) {
  leave_memory_uncounted();
  try {
    return std::make_unique<SqliteConnection>(path, use);
  } catch (const SQLite::Exception& error) {
    throw failure_of(path, error, errno);
  }
}

}  // namespace postern::store
