// A selected mailbox of an IMAP server, once somebody is logged in (RFC 9051 §6.3.2, §6.4).
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "transport/imap/response.h"

namespace postern::transport::imap {

/// The octets of a connection. What it throws, the connection's end among it, ends the mailbox.
class Wire {
 public:
  virtual ~Wire() = default;
  virtual void send(std::string_view octets) = 0;
  /// At least one octet.
  virtual std::string receive() = 0;
};

/// The server answers NO: the words of ours and of the server's, as one sentence's end.
class Refusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};
/// NO, but the server says that it may do it later (RFC 9051 §7.1).
class Unavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Mailbox {
 public:
  /// Selects the folder, whose name is in UTF-8. `longest_mail` in octets. Throws Refusal if there
  /// is no such folder or its mails cannot be marked. This and every call: Refusal, Unavailable,
  /// ProtocolError (also BAD), what the wire throws; after the latter two it is of no use any more.
  Mailbox(Wire& wire, std::string_view folder, std::size_t longest_mail);

  /// Together with it, a UID names a mail for ever (§2.3.1.1).
  [[nodiscard]] std::uint32_t uid_validity() const { return uid_validity_; }
  std::vector<std::uint32_t> search_unseen();
  /// In octets; nullopt: it is gone.
  std::optional<std::uint64_t> size_of(std::uint32_t uid);
  /// Without marking it as seen; nullopt: it is gone.
  std::optional<std::string> fetch(std::uint32_t uid);
  void mark_seen(std::uint32_t uid);
  void log_out();

 private:
  std::vector<Response> command(std::string_view text);
  Response receive();
  std::optional<Token> fetch_item(std::uint32_t uid, std::string_view item, std::string_view name);

  Wire& wire_;
  ResponseReader reader_;
  const std::size_t longest_answer_;
  std::size_t octets_ = 0;  ///< of the answer to the last command
  unsigned commands_ = 0;
  std::uint32_t uid_validity_ = 0;
};

/// The name as a server wants it, as a quoted string: modified UTF-7 (RFC 3501 §5.1.3).
std::string quoted_folder(std::string_view folder);

}  // namespace postern::transport::imap
