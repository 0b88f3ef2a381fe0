#include "store/database/connection.h"

#include <exception>

namespace postern::store {

Query::~Query() {
  if (statement_) connection_->give_back(sql_, std::move(statement_));
}

std::vector<std::int64_t> numbers_of(Query row) {
  std::vector<std::int64_t> found;
  while (row.next()) found.push_back(row.integer(0));
  return found;
}

std::unique_ptr<Statement> Connection::take(std::string_view sql) {
  auto& idle = statements_[sql];
  if (idle.empty()) return prepare(sql);
  auto statement = std::move(idle.back());
  idle.pop_back();
  return statement;
}

void Connection::give_back(std::string_view sql, std::unique_ptr<Statement> statement) noexcept {
  try {
    statement->reset();
    statements_[sql].push_back(std::move(statement));
  } catch (const std::exception&) {
    // A statement that cannot be kept is prepared again the next time.
  }
}

}  // namespace postern::store
