#include "store/postgresql/pipeline.h"

#include <new>
#include <utility>

namespace postern::store {
namespace {

/// More answers than this might fill the socket while libpq waits to send.
constexpr std::size_t most_expected = 100;
constexpr int binary = 1;

bool is_failure(const PGresult& result) {
  const auto status = PQresultStatus(&result);
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

}  // namespace

PostgresqlFailure failure_of(const std::string& store_name, const PGresult& result) {
  const char* state = PQresultErrorField(&result, PG_DIAG_SQLSTATE);
  const char* text = PQresultErrorField(&result, PG_DIAG_MESSAGE_PRIMARY);
  return postgresql_failure(store_name, state != nullptr ? state : "",
                            text != nullptr ? text : PQresultErrorMessage(&result));
}

Result execute(PGconn* connection, const PostgresqlLocation& location, const std::string& sql) {
  Result result(PQexec(connection, sql.c_str()));
  if (!result) throw postgresql_failure(location.name(), "", PQerrorMessage(connection));
  if (is_failure(*result)) throw failure_of(location.name(), *result);
  return result;
}

Pipeline::Pipeline(const PostgresqlLocation& location)
    : name_(location.name()), connection_(connect(location)) {
  if (PQenterPipelineMode(connection_.get()) != 1) throw lost();
}

void Pipeline::send(Prepared& statement, std::span<const Parameter> parameters) {
  queue(statement, parameters);
  if (expected_.size() >= most_expected) finish();
}

Result Pipeline::ask(Prepared& statement, std::span<const Parameter> parameters) {
  queue(statement, parameters);
  mark();
  return read_all();
}

void Pipeline::push() {
  mark();
  if (PQflush(connection_.get()) < 0) throw lost();
}

void Pipeline::finish() {
  if (expected_.empty()) return;
  if (expected_.back().kind != Expected::Kind::mark) mark();
  read_all();
}

void Pipeline::discard() noexcept {
  try {
    finish();
  } catch (const std::exception&) {
    failure_.reset();  // it was thrown already, or belongs to what is given up
  }
}

void Pipeline::queue(Prepared& statement, std::span<const Parameter> parameters) {
  std::vector<Oid> types;
  std::vector<const char*> values;
  std::vector<int> sizes;
  for (const auto& parameter : parameters) {
    types.push_back(parameter.type);
    values.push_back(parameter.octets);
    sizes.push_back(parameter.size);
  }
  const auto count = static_cast<int>(parameters.size());
  if (!statement.is_known) {
    require_sent(PQsendPrepare(connection_.get(), statement.name.c_str(), statement.sql.c_str(),
                               count, types.data()));
    expected_.push_back({Expected::Kind::preparation, &statement});
    statement.is_known = true;  // unless the answer is another
  }
  const std::vector<int> formats(parameters.size(), binary);
  require_sent(PQsendQueryPrepared(connection_.get(), statement.name.c_str(), count, values.data(),
                                   sizes.data(), formats.data(), binary));
  expected_.push_back({Expected::Kind::statement, nullptr});
}

void Pipeline::mark() {
  require_sent(PQpipelineSync(connection_.get()));
  expected_.push_back({Expected::Kind::mark, nullptr});
}

/// Returns the result of the last statement.
Result Pipeline::read_all() {
  Result last;
  for (int nothing = 0; !expected_.empty();) {
    const auto expected = expected_.front();
    Result result(PQgetResult(connection_.get()));
    if (PQstatus(connection_.get()) == CONNECTION_BAD || nothing > 1) throw lost();
    if (!result) {  // the end of the results of one statement
      ++nothing;
      continue;
    }
    nothing = 0;
    expected_.pop_front();
    note(*result, expected);
    if (expected.kind == Expected::Kind::statement) last = std::move(result);
  }
  if (failure_) throw PostgresqlFailure(*std::exchange(failure_, std::nullopt));
  return last;
}

void Pipeline::note(const PGresult& result, const Expected& expected) {
  const bool failed = is_failure(result);
  if (expected.kind == Expected::Kind::preparation &&
      (failed || PQresultStatus(&result) == PGRES_PIPELINE_ABORTED)) {
    expected.prepared->is_known = false;
  }
  if (!failed || failure_) return;
  failure_ = failure_of(name_, result);
}

void Pipeline::require_sent(int done) {
  if (done == 1) return;
  if (PQstatus(connection_.get()) != CONNECTION_BAD) throw std::bad_alloc();
  throw lost();
}

PostgresqlFailure Pipeline::lost() {
  is_lost_ = true;
  expected_.clear();
  failure_.reset();
  return postgresql_failure(name_, "", PQerrorMessage(connection_.get()));
}

}  // namespace postern::store
