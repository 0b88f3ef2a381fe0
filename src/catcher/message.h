// A caught message with its envelope, as received.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace postern::catcher {

/// A parameter of MAIL or RCPT (RFC 5321 §4.1.2): the keyword in upper case, the value unchanged.
struct EsmtpParameter {
  std::string keyword;
  std::string value;  ///< empty for a keyword alone
  friend bool operator==(const EsmtpParameter&, const EsmtpParameter&) = default;
};

/// The argument of MAIL or RCPT: an address without angle brackets (empty: the null sender).
struct Path {
  std::string address;
  std::vector<EsmtpParameter> parameters;
  friend bool operator==(const Path&, const Path&) = default;
};

/// One transaction that was answered with 250 (or cut off by `drop-end`).
struct CaughtMessage {
  std::uint64_t number = 0;  ///< 1 for the first; also the file name, six digits
  std::chrono::system_clock::time_point time;
  std::string client;     ///< address:port of the peer
  std::string helo;       ///< argument of EHLO or HELO
  bool extended = false;  ///< EHLO rather than HELO
  std::string tls;        ///< protocol version such as "TLSv1.3"; empty: no TLS
  std::string auth_user;  ///< empty: not authenticated; the password is never stored
  Path sender;
  std::vector<Path> recipients;  ///< the accepted ones only, in their order
  std::uint64_t size = 0;        ///< octets of content, dot-stuffing removed

  std::shared_ptr<const std::string> memory;  ///< the content, if no directory was given
  std::filesystem::path file;                 ///< the .eml, if one was

  /// The octets as received, from memory or from the file. Throws std::runtime_error if the file
  /// cannot be read. For very large messages, read `file` instead of this string.
  [[nodiscard]] std::string content() const;
};

/// The message's data without its content as JSON text, the format of the .json files: number,
/// time (UTC, RFC 3339), client, helo, extended, tls, auth_user, sender and recipients (objects
/// {address, parameters: {KEYWORD: value or null}}), size, file. Octets that are no UTF-8 become
/// U+FFFD.
std::string to_json(const CaughtMessage& message);

}  // namespace postern::catcher
