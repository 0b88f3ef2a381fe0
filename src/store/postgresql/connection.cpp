#include "store/postgresql/connection.h"

#include <algorithm>
#include <utility>

#include "store/postgresql/advisory_lock.h"
#include "store/postgresql/statement.h"

namespace postern::store {

PostgresqlConnection::PostgresqlConnection(const PostgresqlLocation& location,
                                           std::shared_ptr<Numbers> numbers)
    : Connection(location.name()), pipeline_(location), numbers_(std::move(numbers)) {}

PostgresqlConnection::~PostgresqlConnection() {
  drop_statements();
}

std::unique_ptr<Statement> PostgresqlConnection::prepare(std::string_view sql) {
  auto [found, is_new] = prepared_.try_emplace(sql);
  if (is_new) {
    found->second.name = "s" + std::to_string(prepared_.size());
    found->second.sql = with_dollars(sql);
  }
  return std::make_unique<PostgresqlStatement>(pipeline_, found->second, changes_);
}

std::optional<std::int64_t> PostgresqlConnection::new_number(Numbered table) {
  return numbers_->next(*this, table);
}

std::int64_t PostgresqlConnection::last_message() {
  auto row = query("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM message_number");
  return row.next() ? row.integer(0) : 0;
}

void PostgresqlConnection::begin_with(std::string_view statement) {
  pipeline_.discard();  // what is left over is nobody's any more
  run(statement);
  in_transaction_ = true;
  changes_before_ = changes_;
}

void PostgresqlConnection::begin_snapshot() {
  begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
}

/// Not waited for: what it has read is known.
void PostgresqlConnection::end_snapshot() {
  run("COMMIT");
  in_transaction_ = false;
  pipeline_.push();
}

void PostgresqlConnection::begin() {
  begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ");
}

void PostgresqlConnection::begin_committed() {
  begin_with("BEGIN ISOLATION LEVEL READ COMMITTED");
}

void PostgresqlConnection::begin_alone() {
  begin_committed();
  query("SELECT pg_advisory_xact_lock(" POSTERN_LOCK_CLASS ", 0)").next();
}

/// In pipeline mode each statement goes by itself.
void PostgresqlConnection::execute(std::string_view script) {
  while (!script.empty()) {
    const auto end = std::min(script.find(';'), script.size());
    const auto statement = script.substr(0, end);
    if (statement.find_first_not_of(" \n") != std::string_view::npos) {
      Pipeline::Prepared once{.name = {}, .sql = std::string(statement)};
      pipeline_.ask(once, {});
    }
    script.remove_prefix(std::min(end + 1, script.size()));
  }
}

/// PostgreSQL answers the COMMIT of a transaction that has failed with a rollback, and no error.
void PostgresqlConnection::commit() {
  const auto outcome = pipeline_.ask(commit_, {});
  in_transaction_ = false;
  if (std::string_view(PQcmdStatus(outcome.get())) == "COMMIT") return;
  throw PostgresqlFailure(
      mapi::Failure(mapi::MAPI_E_CALL_FAILED, "the store " + name() + " gave up a transaction"),
      true);
}

void PostgresqlConnection::roll_back() noexcept {
  if (!std::exchange(in_transaction_, false) || is_lost()) return;
  pipeline_.discard();
  try {
    run("ROLLBACK");
    pipeline_.push();
  } catch (const std::exception&) {
    pipeline_.discard();  // the connection is lost
  }
}

}  // namespace postern::store
