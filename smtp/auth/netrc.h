// User names and passwords from a netrc file (the file of ftp(1), as curl reads it).
//
// Taken: `machine HOST login NAME password SECRET`, in any layout, with "quoted" words and
// comments, `macdef` skipped. Not taken: `default`, which is ftp's anonymous log-on for all other
// hosts: to send it to every mail server would be wrong. The file's permissions are not checked, as
// with curl: container systems hand secrets out readable by all.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::smtp {

struct NetrcEntry {
  std::string login;
  std::string password;
};

/// The first entry for the host, and for the login if one is given; nullopt if there is none. Host
/// names are compared without regard to case.
std::optional<NetrcEntry> find_in_netrc(std::string_view text, std::string_view host,
                                        std::string_view login);

/// The text of a file of secrets. Throws std::invalid_argument with one sentence, which calls it
/// `what`, if it cannot be read or is larger than 1 MiB, std::system_error if no descriptor is left
/// to read it.
std::string read_secrets(std::string_view what, const std::string& path);

}  // namespace postern::smtp
