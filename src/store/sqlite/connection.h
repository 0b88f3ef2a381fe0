// One connection to an SQLite file, and what SQLite's errors mean here. A connection is used by one
// thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>

#include "mapi/error.h"
#include "store/database/connection.h"

namespace postern::store {

class SqliteConnection final : public Connection {
 public:
  enum class Use { write, read };

  /// Opens an existing file; applies what every connection of the store needs. Throws
  /// SQLite::Exception; everything else throws mapi::Failure.
  SqliteConnection(const std::filesystem::path& path, Use use);
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;
  ~SqliteConnection() override;

  std::int64_t last_message() override;
  void begin_snapshot() override { run("BEGIN"); }
  void end_snapshot() override { run("COMMIT"); }
  void roll_back() noexcept override;

  /// Statements without parameters or results, separated by semicolons.
  void execute(const char* sql);
  /// The single integer that a statement without parameters returns.
  std::int64_t integer(std::string_view sql);

  [[nodiscard]] bool in_transaction() const;

  /// Moves the write-ahead log into the file if it is long enough; from time to time waits for
  /// readers so that the log can restart. A failure is ignored: it is tried again later.
  void checkpoint_if_due() noexcept;

  /// What an error of this connection means to the caller of the store.
  [[nodiscard]] mapi::Failure failure(const SQLite::Exception& error) const;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 protected:
  std::unique_ptr<Statement> prepare(std::string_view sql) override;
  std::optional<std::int64_t> new_number(Numbered table) override;
  [[nodiscard]] std::int64_t last_number() const override { return database_.getLastInsertRowid(); }

 private:
  bool wait_while_busy(int tries);

  std::filesystem::path path_;
  SQLite::Database database_;
  std::chrono::milliseconds patience_ = std::chrono::seconds{30};  ///< for another process
  std::chrono::steady_clock::time_point busy_since_{};
  int log_pages_ = 0;  ///< pages in the write-ahead log after the last commit
};

/// Opens a connection; throws mapi::Failure instead of SQLite::Exception.
std::unique_ptr<SqliteConnection> open_connection(const std::filesystem::path& path,
                                                  SqliteConnection::Use use);

}  // namespace postern::store
