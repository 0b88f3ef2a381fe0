// One SQLite connection with its prepared statements, and what SQLite's errors mean here.
//
// `query` prepares a statement once and keeps it. The functions throw SQLite::Exception; the
// callers at the boundary of the store (CommitGroup, ReadPool, open) turn it into a mapi::Failure
// with `failure`. A connection is used by one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>

#include "mapi/error.h"

namespace postern::store {

class SqliteConnection;

/// A statement being executed; its destructor returns it to the connection.
class Query {
 public:
  Query(Query&& other) noexcept = default;
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  Query& operator=(Query&&) = delete;
  ~Query();

  /// Moves to the next row; false at the end.
  bool next() { return statement_->executeStep(); }
  /// Executes a statement that gives no rows. Returns how many rows it changed.
  int run() { return statement_->exec(); }

  // Columns of the current row, counted from 0.
  [[nodiscard]] bool is_null(int column) const { return statement_->isColumnNull(column); }
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) const;
  [[nodiscard]] std::string text(int column) const;
  /// Valid until the next row.
  [[nodiscard]] std::span<const std::byte> blob(int column) const;

 private:
  friend class SqliteConnection;
  Query(SqliteConnection& connection, std::unique_ptr<SQLite::Statement> statement)
      : connection_(&connection), statement_(std::move(statement)) {}

  void bind(int index, std::nullptr_t) { statement_->bind(index); }
  void bind(int index, std::int64_t value) { statement_->bind(index, value); }
  void bind(int index, const std::string& value) { statement_->bind(index, value); }
  /// The octets must live as long as the query.
  void bind(int index, std::span<const std::byte> value);
  void bind(int index, std::optional<std::int64_t> value);
  void bind(int index, const std::optional<std::string>& value);

  SqliteConnection* connection_;
  std::unique_ptr<SQLite::Statement> statement_;
};

class SqliteConnection {
 public:
  enum class Use { write, read };

  /// Opens an existing file; applies what every connection of the store needs.
  SqliteConnection(const std::filesystem::path& path, Use use);
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;
  ~SqliteConnection();

  /// `sql` is a string literal with one `?` for each argument: integer, optional integer, text,
  /// octets (std::span<const std::byte>, living as long as the query) or nullptr.
  template <class... Arguments>
  Query query(std::string_view sql, const Arguments&... arguments) {
    Query query(*this, take(sql));
    int index = 0;
    (query.bind(++index, arguments), ...);
    return query;
  }
  /// Executes a statement that gives no rows. Returns how many rows it changed.
  template <class... Arguments>
  int run(std::string_view sql, const Arguments&... arguments) {
    return query(sql, arguments...).run();
  }
  /// Statements without arguments or results, separated by semicolons.
  void execute(const char* sql) { database_.exec(sql); }
  /// The single integer that a statement without arguments returns.
  std::int64_t integer(const char* sql);

  [[nodiscard]] bool in_transaction() const;
  [[nodiscard]] std::int64_t last_insert_id() const { return database_.getLastInsertRowid(); }

  /// Rolls the running transaction back, if there is one.
  void roll_back() noexcept;

  /// Moves the write-ahead log into the file if it is long enough; from time to time waits for
  /// readers so that the log can restart. A failure is ignored: it is tried again later.
  void checkpoint_if_due() noexcept;

  /// What an error of this connection means to the caller of the store.
  [[nodiscard]] mapi::Failure failure(const SQLite::Exception& error) const;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  friend class Query;
  std::unique_ptr<SQLite::Statement> take(std::string_view sql);
  void give_back(std::unique_ptr<SQLite::Statement> statement) noexcept;

  std::filesystem::path path_;
  SQLite::Database database_;
  std::unordered_map<std::string_view, std::vector<std::unique_ptr<SQLite::Statement>>> statements_;
  int log_pages_ = 0;  ///< pages in the write-ahead log after the last commit
};

/// Opens a connection; throws mapi::Failure instead of SQLite::Exception.
std::unique_ptr<SqliteConnection> open_connection(const std::filesystem::path& path,
                                                  SqliteConnection::Use use);

}  // namespace postern::store
