// The view of a message that a transport is offered (mapi-submission.md §6.2).
//
// PR_RESPONSIBILITY is FALSE only in the rows assigned to this transport. The view is an overlay:
// the rows of other transports in the store are never changed, and saving merges only FALSE→TRUE
// and outcomes of offered rows. Used on one thread.
#pragma once

#include <cstddef>
#include <vector>

#include "mapi/msg_store.h"

namespace postern::spooler {

/// A MessageHandle on the stored message for one transport.
class OfferedView final : public mapi::MessageHandle {
 public:
  /// `offered`: indexes of the rows assigned to the transport; those that an offer before has
  /// settled stay so. `stored` must outlive the view.
  OfferedView(mapi::MessageHandle& stored, std::vector<std::size_t> offered);

  [[nodiscard]] const mapi::EntryId& entry_id() const override { return stored_.entry_id(); }
  [[nodiscard]] const mapi::Message& message() const override { return value_; }
  mapi::Message& edit() override { return value_; }
  /// Takes over into the stored handle what the transport has set, for the caller to save. Throws
  /// MAPI_E_INVALID_PARAMETER if rows were added or removed.
  void take_over_changes();
  /// Takes over what the transport has set, and saves it; if that fails, it is taken over. Throws
  /// MAPI_E_INVALID_PARAMETER if rows were added or removed, and what the
  /// stored handle throws.
  void save_changes() override;
  /// Whether the last save failed, so that the store does not have what was to be saved.
  [[nodiscard]] bool is_owed() const { return is_owed_; }
  /// Throws MAPI_E_NO_SUPPORT: a transport does not submit.
  void submit_message() override;

 private:
  mapi::MessageHandle& stored_;
  std::vector<std::size_t> offered_;
  mapi::Message value_;
  /// `value_` as it was taken over last: what somebody else has saved since, a report that came
  /// back, stays where the transport has changed nothing.
  mapi::Message last_;
  bool is_owed_ = false;
};

}  // namespace postern::spooler
