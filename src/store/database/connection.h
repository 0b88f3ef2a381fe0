// One connection to the database of a store: what the tables and the provider say to it, whatever
// database that is.
//
// The SQL is what SQLite and PostgreSQL have in common, with `?` or `?1` for parameters. A database
// implements Statement and Connection. Both throw mapi::Failure. A connection is used by one thread
// at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "mapi/error.h"

namespace postern::store {

/// A prepared statement: parameters are counted from 1, columns from 0.
class Statement {
 public:
  virtual ~Statement() = default;

  virtual void bind(int index, std::nullptr_t) = 0;
  virtual void bind(int index, std::int64_t value) = 0;
  virtual void bind(int index, const std::string& value) = 0;
  /// The octets must live until the statement was carried out or asked for its result.
  virtual void bind(int index, std::span<const std::byte> value) = 0;
  virtual void bind(int index, std::optional<std::int64_t> value) = 0;
  virtual void bind(int index, const std::optional<std::string>& value) = 0;
  void bind(int index, std::optional<std::span<const std::byte>> value) {
    value ? bind(index, *value) : bind(index, nullptr);
  }

  /// Moves to the next row; false at the end.
  virtual bool next() = 0;
  /// Carries out a statement that gives no rows, at the latest before the next result or commit,
  /// which throws what has become of it then.
  virtual void run() = 0;
  /// The same at once. Returns how many rows it changed.
  virtual int run_and_count() = 0;

  [[nodiscard]] virtual bool is_null(int column) const = 0;
  [[nodiscard]] virtual std::int64_t integer(int column) const = 0;
  [[nodiscard]] virtual std::string text(int column) const = 0;
  /// Valid until the next row.
  [[nodiscard]] virtual std::span<const std::byte> blob(int column) const = 0;

  /// Forgets parameters and rows.
  virtual void reset() = 0;
};

class Connection;

/// A statement being carried out; its destructor returns it to the connection.
class Query {
 public:
  Query(Query&& other) noexcept = default;
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  Query& operator=(Query&&) = delete;
  ~Query();

  bool next() { return statement_->next(); }

  [[nodiscard]] bool is_null(int column) const { return statement_->is_null(column); }
  [[nodiscard]] std::int64_t integer(int column) const { return statement_->integer(column); }
  [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) const {
    return is_null(column) ? std::nullopt : std::optional(integer(column));
  }
  [[nodiscard]] std::string text(int column) const { return statement_->text(column); }
  [[nodiscard]] std::span<const std::byte> blob(int column) const {
    return statement_->blob(column);
  }

 private:
  friend class Connection;
  Query(Connection& connection, std::string_view sql, std::unique_ptr<Statement> statement)
      : connection_(&connection), sql_(sql), statement_(std::move(statement)) {}

  Connection* connection_;
  std::string_view sql_;
  std::unique_ptr<Statement> statement_;
};

/// The first column of all rows.
std::vector<std::int64_t> numbers_of(Query row);

/// The tables whose rows have numbers.
enum class Numbered { mailbox, folder, message, content, attachment };

class Connection {
 public:
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  /// `sql` is a string literal with one parameter for each argument: integer, optional integer,
  /// text, octets (std::span<const std::byte>, living as long as the query), optional ones, or
  /// nullptr.
  template <class... Arguments>
  Query query(std::string_view sql, const Arguments&... arguments) {
    Query query(*this, sql, take(sql));
    int index = 0;
    (query.statement_->bind(++index, arguments), ...);
    return query;
  }
  template <class... Arguments>
  void run(std::string_view sql, const Arguments&... arguments) {
    query(sql, arguments...).statement_->run();
  }
  template <class... Arguments>
  int run_and_count(std::string_view sql, const Arguments&... arguments) {
    return query(sql, arguments...).statement_->run_and_count();
  }
  /// Inserts a row. Its number, which is returned, is the first parameter of `sql`.
  template <class... Arguments>
  std::int64_t insert(Numbered table, std::string_view sql, const Arguments&... arguments) {
    const auto number = new_number(table);
    run(sql, number, arguments...);
    return number ? *number : last_number();
  }

  /// The highest number that a message has or had.
  virtual std::int64_t last_message() = 0;

  /// Begins a transaction that only reads, and sees what is durable now.
  virtual void begin_snapshot() = 0;
  virtual void end_snapshot() = 0;
  /// Ends the running transaction without effect, if there is one.
  virtual void roll_back() noexcept = 0;
  /// Whether it is of no use any more: the database has ended it.
  [[nodiscard]] virtual bool is_lost() const noexcept { return false; }

  /// The store's name for sentences.
  [[nodiscard]] const std::string& name() const { return name_; }

 protected:
  explicit Connection(std::string name) : name_(std::move(name)) {}

  virtual std::unique_ptr<Statement> prepare(std::string_view sql) = 0;
  /// The number of the row to be inserted; nullopt if the database finds one as it inserts it,
  /// which is `last_number` then.
  virtual std::optional<std::int64_t> new_number(Numbered table) = 0;
  [[nodiscard]] virtual std::int64_t last_number() const = 0;
  /// To be called by the destructors of those that own what statements need.
  void drop_statements() noexcept { statements_.clear(); }

 private:
  friend class Query;
  std::unique_ptr<Statement> take(std::string_view sql);
  void give_back(std::string_view sql, std::unique_ptr<Statement> statement) noexcept;

  std::string name_;
  std::unordered_map<std::string_view, std::vector<std::unique_ptr<Statement>>> statements_;
};

}  // namespace postern::store
