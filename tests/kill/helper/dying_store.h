// A spooler's store object at whose calls the process may die. It says which recipients' results
// are saved, as soon as the call that has saved them has returned.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "tests/forwarding_store.h"
#include "tests/kill/helper/dying_points.h"

namespace postern::kill {

class DyingStore final : public test::ForwardingStore {
 public:
  /// Both must outlive it.
  DyingStore(mapi::MsgStore& inner, DyingPoints& points)
      // Not its own: `inner` is somebody else's.
      : test::ForwardingStore({std::shared_ptr<void>(), &inner}), points_(points) {}

  std::unique_ptr<mapi::MessageHandle> open_entry(const mapi::EntryId& entry,
                                                  mapi::Access access) override;
  std::vector<Claim> claim(mapi::FileTime now, std::size_t limit) override;
  [[nodiscard]] std::optional<mapi::FileTime> next_due() const override;
  void set_lock_state(const mapi::EntryId& entry, mapi::LockState state) override;
  std::vector<Finished> save_and_finish_all(
      std::span<mapi::MessageHandle* const> messages) override;
  mapi::NewMail create_report(mapi::MessageHandle& original, mapi::Message report) override;
  void notify_new_mail(const mapi::NewMail& mail) override;
  [[nodiscard]] std::unique_ptr<mapi::Subscription> advise(mapi::StoreObserver observer) override;

  /// Has the spooler look at the queue: it would see only after seconds that another has died, and
  /// lives are shorter here. While there is a subscription.
  void stir();

 private:
  DyingPoints& points_;
  std::mutex mutex_;  ///< held while it is called
  std::function<void(mapi::QueueEvent, const mapi::EntryId&)> changed_;
};

}  // namespace postern::kill
