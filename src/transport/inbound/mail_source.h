// A mailbox that mail is taken from. Only one thread calls it, so it may block; `stop` then ends
// what it waits for.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include "mapi/content.h"
#include "transport/inbound_mail.h"

namespace postern::transport {

/// This mail cannot be taken, and stays where it is; the others can. One sentence's end, as "it is
/// empty". Any other exception is a fault of the whole mailbox, which is looked at again later.
class MailFault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws MailFault for a mail that is empty or too long, before it is read.
inline void require_takable_size(std::uint64_t octets) {
  if (octets == 0) throw MailFault("it is empty");
  if (octets > longest_inbound_mail) throw MailFault("it is longer than 64 MiB");
}

class MailSource {
 public:
  virtual ~MailSource() = default;
  [[nodiscard]] virtual std::string display_name() const = 0;  ///< "mail in /var/bounces"
  /// As a sentence names it: "'/var/bounces/new/1.a'".
  [[nodiscard]] virtual std::string name_of(const std::string& mail) const = 0;
  /// The names of the mails that were not stored yet, in any order.
  virtual std::vector<std::string> list(const std::stop_token& stop) = 0;
  /// nullopt: it is gone. Throws MailFault, too.
  virtual std::optional<mapi::Content> read(const std::string& mail,
                                            const std::stop_token& stop) = 0;
  /// The store has it: it is not to be listed again. Throws MailFault, too.
  virtual void mark_stored(const std::string& mail, const std::stop_token& stop) = 0;
  /// Nothing is asked of it for a while.
  virtual void rest() {}
};

}  // namespace postern::transport
