#include "cli/sendmail/local_user.h"

#include <fstream>
#include <pwd.h>
#include <unistd.h>

#include "base/host_name.h"
#include "base/text.h"

namespace postern::cli {
namespace {

std::string mail_domain() {
  std::string line;
  std::ifstream file("/etc/mailname");
  std::getline(file, line);
  const auto domain = domain_or_localhost(trim(line));
  return domain == "localhost" ? host_name() : domain;
}

}  // namespace

std::string full_name_in(std::string_view gecos, std::string_view login) {
  std::string name;
  for (const char octet : gecos.substr(0, gecos.find(','))) {
    if (octet != '&') {
      name += octet;
    } else if (!login.empty()) {
      name.append(upper_case(login.substr(0, 1))).append(login.substr(1));
    }
  }
  return std::string(trim(name));
}

LocalUser local_user() {
  LocalUser user;
  user.domain = mail_domain();
  if (const auto* const entry = ::getpwuid(::getuid())) {
    user.login = entry->pw_name;
    user.full_name = full_name_in(entry->pw_gecos != nullptr ? entry->pw_gecos : "", user.login);
  }
  return user;
}

}  // namespace postern::cli
