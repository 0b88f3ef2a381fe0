#include "store/postgresql/location.h"

#include <algorithm>
#include <libpq-fe.h>
#include <map>
#include <memory>
#include <string_view>

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

using Given = std::map<std::string, std::string>;

std::string value_of(const Given& given, const char* key) {
  const auto found = given.find(key);
  return found == given.end() ? std::string() : found->second;
}

std::vector<std::string> list_of(const Given& given, const char* key) {
  std::vector<std::string> list;
  const auto text = value_of(given, key);
  std::string_view rest = text;
  while (!text.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    list.emplace_back(rest.substr(0, comma));
    if (comma == rest.size()) break;
    rest.remove_prefix(comma + 1);
  }
  return list;
}

/// One port may stand for all.
std::vector<PostgresqlHost> hosts_of(const Given& given) {
  const auto names = list_of(given, "host");
  const auto addresses = list_of(given, "hostaddr");
  const auto ports = list_of(given, "port");
  std::vector<PostgresqlHost> hosts(std::max({names.size(), addresses.size(), std::size_t{1}}));
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    if (i < names.size()) hosts[i].host = names[i];
    if (i < addresses.size()) hosts[i].address = addresses[i];
    if (!ports.empty()) hosts[i].port = ports[std::min(i, ports.size() - 1)];
  }
  return hosts;
}

std::string display_name(const Given& given) {
  const auto value = [&given](const char* key) { return value_of(given, key); };
  std::string name = "'postgresql://";
  if (const auto user = value("user"); !user.empty()) name += user + "@";
  name += value("host").empty() ? value("hostaddr") : value("host");
  const auto port = value("port");  // of several servers without ports it is commas
  if (port.find_first_not_of(',') != std::string::npos) name += ":" + port;
  return name + "/" + value("dbname") + "'";
}

}  // namespace

bool is_postgresql_url(std::string_view location) {
  return location.starts_with("postgresql://") || location.starts_with("postgres://");
}

PostgresqlLocation::PostgresqlLocation(const std::string& url) : options_(given_options(url)) {
  name_ = display_name(options_);
  has_password_ = options_.contains("password");
  hosts_ = hosts_of(options_);
  for (const auto* which : {"host", "hostaddr", "port"}) options_.erase(which);
}

}  // namespace postern::store
