// The view of a message that a transport is offered (mapi-submission.md §6.2).
//
// PR_RESPONSIBILITY is FALSE only in the rows assigned to this transport. The view is an overlay:
// what other transports' rows say in the store is never touched, and saving merges only
// FALSE→TRUE and outcomes of offered rows.
#pragma once

#include <cstddef>
#include <vector>

#include "mapi/msg_store.h"

#pragma GCC visibility push(default)
namespace postern::spooler {

class OfferedView final : public mapi::MessageHandle {
 public:
  /// `offered`: indexes of the rows assigned to the transport. `stored` outlives the view.
  OfferedView(mapi::MessageHandle& stored, std::vector<std::size_t> offered);

  [[nodiscard]] const mapi::EntryId& entry_id() const override { return stored_.entry_id(); }
  [[nodiscard]] const mapi::Message& message() const override { return value_; }
  mapi::Message& edit() override { return value_; }
  /// MAPI_E_INVALID_PARAMETER when rows were added or removed.
  void save_changes() override;
  /// Not the transport's business: MAPI_E_NO_SUPPORT.
  void submit_message() override;

 private:
  mapi::MessageHandle& stored_;
  std::vector<std::size_t> offered_;
  mapi::Message value_;
};

}  // namespace postern::spooler
#pragma GCC visibility pop
