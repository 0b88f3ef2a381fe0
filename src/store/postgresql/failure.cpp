#include "store/postgresql/failure.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace postern::store {
namespace {

struct ErrorMeaning {
  std::string_view sqlstate;  ///< the first characters of it
  mapi::Code code;
  const char* sentence;  ///< after "the store '…' "
};

/// The first that fits. PostgreSQL's manual, appendix A.
constexpr std::array meanings{
    ErrorMeaning{"53100", mapi::MAPI_E_NOT_ENOUGH_DISK,
                 "cannot grow because the disk of its server is full; free some space there"},
    ErrorMeaning{"53200", mapi::MAPI_E_NOT_ENOUGH_MEMORY, "needs more memory than its server has"},
    ErrorMeaning{"53300", mapi::MAPI_E_NOT_ENOUGH_RESOURCES,
                 "has no connection left; raise max_connections of its server, or use fewer"},
    ErrorMeaning{"53", mapi::MAPI_E_NOT_ENOUGH_RESOURCES, "lacks a resource of its server"},
    ErrorMeaning{"25006", mapi::MAPI_E_NETWORK_ERROR,
                 "can only be read now: its server is a standby, or has become one"},
    ErrorMeaning{"57P", mapi::MAPI_E_NETWORK_ERROR,
                 "cannot be used now: its server stops, starts or recovers"},
    ErrorMeaning{"08", mapi::MAPI_E_NETWORK_ERROR, "cannot be reached"},
    ErrorMeaning{"25P03", mapi::MAPI_E_BUSY, "has waited for this process too long; try again"},
    ErrorMeaning{"40", mapi::MAPI_E_BUSY, "is held by another process; try again"},
    ErrorMeaning{"55P03", mapi::MAPI_E_BUSY, "is held by another process; try again"},
    ErrorMeaning{"57014", mapi::MAPI_E_BUSY, "was told to give up a statement; try again"},
    ErrorMeaning{"25P02", mapi::MAPI_E_BUSY, "has given up a transaction; try again"},
    ErrorMeaning{"26000", mapi::MAPI_E_BUSY,
                 "has forgotten a statement; connect to it directly, not through a pooler that "
                 "shares sessions"},
    ErrorMeaning{"28", mapi::MAPI_E_LOGON_FAILED,
                 "does not let this user in; check the user, ~/.pgpass and the server's "
                 "pg_hba.conf"},
    ErrorMeaning{"3D000", mapi::MAPI_E_NOT_FOUND,
                 "does not exist: its server has no such database; make it with createdb"},
    ErrorMeaning{"42501", mapi::MAPI_E_NO_ACCESS,
                 "does not allow this to the user; grant what is missing"},
    ErrorMeaning{"42P01", mapi::MAPI_E_CORRUPT_STORE, "has lost a table"},
    ErrorMeaning{"54", mapi::MAPI_E_TOO_BIG, "cannot hold a value as big as this"},
    ErrorMeaning{"58030", mapi::MAPI_E_DISK_ERROR,
                 "cannot be read or written; check the disk of its server"},
    ErrorMeaning{"XX", mapi::MAPI_E_CORRUPT_STORE, "is damaged"},
};
/// Serialization failure, deadlock; and rows that another transaction has made or removed since
/// this one looked, which sees them when it is repeated.
constexpr std::array<std::string_view, 4> conflicts{"40001", "40P01", "23505", "23503"};

constexpr ErrorMeaning no_connection{"", mapi::MAPI_E_NETWORK_ERROR, "cannot be reached"};
constexpr ErrorMeaning unknown_meaning{"", mapi::MAPI_E_CALL_FAILED, "gave an error"};

const ErrorMeaning& meaning_of(std::string_view sqlstate) {
  if (sqlstate.empty()) return no_connection;
  const auto* found = std::ranges::find_if(meanings, [sqlstate](const ErrorMeaning& meaning) {
    return sqlstate.starts_with(meaning.sqlstate);
  });
  return found == meanings.end() ? unknown_meaning : *found;
}

/// What comes before it is the severity or the place, in the server's language.
std::string_view first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool is_sqlstate(std::string_view text) {
  return text.size() == 5 && std::ranges::all_of(text, [](unsigned char c) {
           return std::isdigit(c) != 0 || std::isupper(c) != 0;
         });
}

}  // namespace

PostgresqlFailure postgresql_failure(const std::string& store_name, std::string_view sqlstate,
                                     std::string_view text) {
  const auto& meaning = meaning_of(sqlstate);
  std::string sentence = "the store " + store_name + " " + meaning.sentence;
  if (const auto said = first_line(text); !said.empty()) sentence += " (" + std::string(said) + ")";
  const bool is_conflict = std::ranges::find(conflicts, sqlstate) != std::ranges::end(conflicts);
  return {mapi::Failure(meaning.code, sentence), is_conflict};
}

std::string sqlstate_in(std::string_view message) {
  std::string found;
  for (std::size_t at = 0; (at = message.find(": ", at)) != std::string_view::npos; ++at) {
    const auto start = message.find_first_not_of(' ', at + 1);
    if (start == std::string_view::npos) break;
    const auto word = message.substr(start, 5);
    if (is_sqlstate(word) && message.substr(start + 5, 1) == ":") found = word;
  }
  return found;
}

}  // namespace postern::store
