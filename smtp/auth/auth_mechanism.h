// The SASL mechanisms of AUTH (RFC 4954): which there are, and which may be used on a connection.
//
// libcurl does the exchanges. Of the mechanisms that it is allowed and the server offers it takes
// the first of EXTERNAL, GSSAPI, SCRAM-SHA-256, SCRAM-SHA-1, DIGEST-MD5, CRAM-MD5, OAUTHBEARER,
// XOAUTH2, PLAIN, LOGIN. Debian 12's libcurl is built without libgsasl and so without SCRAM, which
// is used if libcurl has it. GSSAPI is used only if it is allowed by name and the user name has a
// realm (user@REALM); such an attempt has a thread of its own, since libcurl waits for the Kerberos
// service in blocking calls (smtp/connect/blocking_attempt.h).
//
// By default, with a password: PLAIN or LOGIN, since credentials are sent over TLS only, where the
// challenge mechanisms add nothing, and servers that offer those often cannot check them; if the
// server offers neither, the strongest other one. With a token: OAUTHBEARER or XOAUTH2. With a
// client certificate and a user name without a password: EXTERNAL.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::smtp {

/// Which credentials are available.
struct CredentialKinds {
  bool password = false;
  bool token = false;
  bool certificate = false;
};

using MechanismSet = std::vector<std::string_view>;

/// The sets to be tried one after the other until the server offers a mechanism of one; `allowed`
/// as in ClientOptions::auth_mechanisms. Empty if no allowed mechanism can be used.
std::vector<MechanismSet> mechanism_sets(const std::vector<std::string>& allowed,
                                         CredentialKinds credentials);

/// Why a name cannot be allowed, as one sentence; nullopt if it can.
std::optional<std::string> mechanism_fault(std::string_view name);

/// "PLAIN, LOGIN"
std::string joined(const std::vector<std::string>& names);

}  // namespace postern::smtp
