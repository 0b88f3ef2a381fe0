// Who starts the program, as a sender of mail.
#pragma once

#include <string>
#include <string_view>

namespace postern::cli {

struct LocalUser {
  std::string login;      ///< empty: it has no name
  std::string full_name;  ///< empty: unknown
  std::string domain;     ///< of addresses without one
};
/// Of the real user; the domain is that of /etc/mailname, as Debian has it, else this machine.
LocalUser local_user();

/// The name in a GECOS field: up to the first comma, the login in the place of "&".
std::string full_name_in(std::string_view gecos, std::string_view login);

}  // namespace postern::cli
