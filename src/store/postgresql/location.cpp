#include "store/postgresql/location.h"

#include <libpq-fe.h>
#include <map>
#include <memory>
#include <utility>

#include "mapi/error.h"
#include "store/postgresql_store.h"

namespace postern::store {
namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

std::map<std::string, std::string> given_options(const std::string& url) {
  char* fault = nullptr;
  const Options options(PQconninfoParse(url.c_str(), &fault));
  const std::unique_ptr<char, void (*)(void*)> sentence(fault, PQfreemem);
  if (!options) {  // libpq's sentence may have the password in it
    throw mapi::Failure(mapi::MAPI_E_INVALID_PARAMETER,
                        "the store's URL is none that PostgreSQL can read; write it as "
                        "postgresql://user@host:port/database?option=value");
  }
  std::map<std::string, std::string> given;
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) given.emplace(option->keyword, option->val);
  }
  return given;
}

std::string display_name(const std::map<std::string, std::string>& given) {
  const auto value = [&given](const char* key) {
    const auto found = given.find(key);
    return found == given.end() ? std::string() : found->second;
  };
  std::string name = "'postgresql://";
  if (const auto user = value("user"); !user.empty()) name += user + "@";
  name += value("host").empty() ? value("hostaddr") : value("host");
  if (const auto port = value("port"); !port.empty()) name += ":" + port;
  return name + "/" + value("dbname") + "'";
}

}  // namespace

bool is_postgresql_url(std::string_view location) {
  return location.starts_with("postgresql://") || location.starts_with("postgres://");
}

PostgresqlLocation::PostgresqlLocation(std::string url) : url_(std::move(url)) {
  const auto given = given_options(url_);
  name_ = display_name(given);
  has_password_ = given.contains("password");
}

}  // namespace postern::store
