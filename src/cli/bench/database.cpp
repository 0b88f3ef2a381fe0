#include "cli/bench/database.h"

#include <array>
#include <functional>
#include <libpq-fe.h>
#include <map>
#include <random>
#include <string_view>
#include <unistd.h>
#include <utility>

#include "base/percent_encoding.h"
#include "base/text.h"
#include "cli/bench/submissions.h"
#include "cli/output/interruption.h"
#include "mapi/error.h"
#include "session/store_support.h"
#include "store/open_store.h"

namespace postern::cli {
namespace {

using std::chrono::steady_clock;

using ResultHandle = std::unique_ptr<PGresult, decltype(&PQclear)>;
using ConnectionPointer = std::unique_ptr<PGconn, decltype(&PQfinish)>;

/// A commit that is not on disk is none, in a store either.
constexpr const char* settings =
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') = 'off'";

/// Like those of a store: to the server that takes writes, which is not waited for long.
ConnectionPointer opened(const std::string& url) {
  constexpr std::array keywords{"application_name",     "connect_timeout",
                                "target_session_attrs", "dbname",
                                "client_encoding",      static_cast<const char*>(nullptr)};
  const std::array values{"postern bench", "10",   "read-write",
                          url.c_str(),     "UTF8", static_cast<const char*>(nullptr)};
  return {PQconnectdbParams(keywords.data(), values.data(), 1), &PQfinish};
}

std::string first_line(const char* message) {
  const std::string_view text = message != nullptr ? message : "";
  return std::string(trim(text.substr(0, text.find('\n'))));
}

/// The options that a URL gives; empty for what is no URL.
std::map<std::string, std::string> options_of(const std::string& url) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(url.c_str(), nullptr), &PQconninfoFree);
  std::map<std::string, std::string> given;
  for (const auto* option = options.get(); option && option->keyword != nullptr; ++option) {
    if (option->val != nullptr) given.emplace(option->keyword, option->val);
  }
  return given;
}

std::string encoded(std::string_view value) {
  std::string text;
  for (const char octet : value) append_percent_encoded(text, octet);
  return text;
}

/// The URL of another database on the same server.
std::string url_of(const std::string& url, const std::string& database) {
  auto options = options_of(url);
  options["dbname"] = database;
  std::string other = "postgresql://";
  char separator = '?';
  for (const auto& [keyword, value] : options) {
    other += std::exchange(separator, '&') + keyword + "=" + encoded(value);
  }
  return other;
}

/// Does it again and again until the time is over or the program is interrupted.
Timings repeated(std::chrono::nanoseconds time, const std::function<void()>& step) {
  Durations each;
  const auto end = steady_clock::now() + time;
  while ((steady_clock::now() < end || each.empty()) && !interrupted()) {
    const auto start = steady_clock::now();
    step();
    each.emplace_back(steady_clock::now() - start);
  }
  return timings_of(each);
}

/// PostgreSQL's manual, appendix A.
struct RefusalMeaning {
  std::string_view sqlstate;
  mapi::Code code;
};
constexpr std::array refusal_meanings{RefusalMeaning{"53100", mapi::MAPI_E_NOT_ENOUGH_DISK},
                                      RefusalMeaning{"42501", mapi::MAPI_E_NO_ACCESS},
                                      RefusalMeaning{"42883", mapi::MAPI_E_NO_SUPPORT},
                                      RefusalMeaning{"25006", mapi::MAPI_E_NETWORK_ERROR}};

mapi::Code meaning_of(std::string_view sqlstate) {
  for (const auto& meaning : refusal_meanings) {
    if (meaning.sqlstate == sqlstate) return meaning.code;
  }
  return sqlstate.empty() ? mapi::MAPI_E_NETWORK_ERROR : mapi::MAPI_E_DISK_ERROR;
}

}  // namespace

class BenchDatabase::Connection {
 public:
  /// The store's own sentences say best why it cannot be connected to.
  explicit Connection(const std::string& url)
      : name_(store::location_name(url)), handle_(opened(url)) {
    if (PQstatus(handle_.get()) != CONNECTION_OK) {
      session::DefaultStoreSupport support;
      store::open_store(url, support);
      throw failure(nullptr);
    }
    PQsetNoticeProcessor(
        handle_.get(), [](void*, const char*) {}, nullptr);
    execute(settings);
  }

  void execute(const char* statement) { require({PQexec(handle_.get(), statement), &PQclear}); }
  void execute(const char* statement, const char* parameter) {
    require({PQexecParams(handle_.get(), statement, 1, nullptr, &parameter, nullptr, nullptr, 0),
             &PQclear});
  }

 private:
  void require(const ResultHandle& result) {
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw failure(result.get());
  }

  [[nodiscard]] mapi::Failure failure(const PGresult* result) const {
    const char* state = result != nullptr ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
    return {meaning_of(state != nullptr ? state : ""),
            "the database '" + name_ +
                "' cannot be measured: " + first_line(PQerrorMessage(handle_.get()))};
  }

  std::string name_;
  ConnectionPointer handle_;
};

BenchDatabase::BenchDatabase(std::string url)
    : url_(std::move(url)), connection_(std::make_unique<Connection>(url_)) {}

BenchDatabase::~BenchDatabase() = default;

Timings BenchDatabase::round_trips(std::chrono::nanoseconds time) {
  return repeated(time, [this] { connection_->execute("SELECT 1"); });
}

Timings BenchDatabase::commits(std::size_t octets, std::chrono::nanoseconds time) {
  const std::string text = text_of(octets);
  return repeated(time, [&] {
    connection_->execute("SELECT pg_logical_emit_message(true, 'postern bench', $1)", text.c_str());
  });
}

std::unique_ptr<BenchDatabase::Temporary> BenchDatabase::make_temporary() {
  const std::string name =
      "postern_bench_" + std::to_string(::getpid()) + "_" + std::to_string(std::random_device()());
  try {
    return std::make_unique<Temporary>(*this, name);
  } catch (const mapi::Failure& failure) {
    if (failure.code() == mapi::MAPI_E_NETWORK_ERROR) throw;
    why_not_ =
        failure.code() == mapi::MAPI_E_NO_ACCESS
            ? "this user may not make a database for them (CREATEDB), and the store's own is "
              "not touched"
            : failure.what();
    return nullptr;
  }
}

BenchDatabase::Temporary::Temporary(BenchDatabase& server, std::string name)
    : server_(server), name_(std::move(name)) {
  server_.connection_->execute(("CREATE DATABASE " + name_).c_str());
}

/// Where the connection has broken meanwhile, by another one.
BenchDatabase::Temporary::~Temporary() {
  const std::string statement = "DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)";
  try {
    server_.connection_->execute(statement.c_str());
  } catch (const std::exception&) {
    try {
      Connection(server_.url_).execute(statement.c_str());
    } catch (const std::exception&) {  // its name says what it is
    }
  }
}

std::string BenchDatabase::Temporary::url() const {
  return url_of(server_.url_, name_);
}

}  // namespace postern::cli
