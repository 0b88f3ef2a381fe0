// Assigns a message's open recipients to the transports (mapi-submission.md §7). Functions of
// values: they throw nothing but std::bad_alloc.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "mapi/file_time.h"
#include "mapi/message.h"
#include "mapi/transport.h"

#pragma GCC visibility push(default)
namespace postern::session {

/// The transports in their order: that of the profile, but those that prefer it last.
class TransportOrder {
 public:
  /// Registrations in profile order. `explicit_order`, if it is not empty, names all of them by
  /// their index there and overrides both (MsgServiceTransportOrder). mapi::Failure: MAPI_E_BUSY if
  /// it names more or fewer, MAPI_E_NOT_FOUND if it names another or one twice.
  explicit TransportOrder(std::vector<mapi::Registration> registrations,
                          const std::vector<std::size_t>& explicit_order = {});

  /// The transports that accept the row, by their index in the profile: the first has the first
  /// chance; if it leaves the row open and does not keep it, the next has (§7.3). A personal
  /// distribution list goes to none.
  [[nodiscard]] std::vector<std::size_t> candidates(const mapi::Recipient& row) const;

  /// All of them, in their order.
  [[nodiscard]] const std::vector<std::size_t>& order() const { return order_; }
  [[nodiscard]] const mapi::Registration& registration(std::size_t transport) const {
    return registrations_.at(transport);
  }
  [[nodiscard]] std::size_t size() const { return registrations_.size(); }

 private:
  std::vector<mapi::Registration> registrations_;
  std::vector<std::size_t> order_;
};

/// Whether the preprocessor is for messages with such a recipient, and this one needs it.
bool concerns(const mapi::Preprocessor& preprocessor, const mapi::Message& message);

/// The rows that are still open: PR_RESPONSIBILITY is not TRUE.
std::vector<std::size_t> open_rows(const mapi::Message& message);

/// Settles a row that no transport accepts (§7.4): a failed outcome with the reason of that table.
void settle_untransportable(mapi::Recipient& row, mapi::FileTime now);

}  // namespace postern::session
#pragma GCC visibility pop
