// A handle on a message in memory (the role MessageHandle).
#pragma once

#include <memory>
#include <postern/mapi/msg_store.h>

#include "store_state.h"

namespace memory_store {

class MemoryHandle final : public mapi::MessageHandle {
 public:
  using EntryId = mapi::EntryId;
  using Message = mapi::Message;

  /// `logon`: the spooler's; a handle whose spooler has logged off is a client's. The caller holds
  /// the state's mutex.
  MemoryHandle(std::shared_ptr<State> state, std::weak_ptr<SpoolerLogon> logon, EntryId entry,
               bool writable);

  [[nodiscard]] const EntryId& entry_id() const override;
  [[nodiscard]] const Message& message() const override;
  Message& edit() override;
  void save_changes() override;
  void submit_message() override;

  /// As save_changes, by one who holds the state's mutex.
  void save();

 private:
  void require_valid() const;
  void require_writable() const;
  Stored& require_mine();
  void take_over(const Stored& stored);
  [[nodiscard]] bool is_spoolers() const { return !logon_.expired(); }

  std::shared_ptr<State> state_;
  std::weak_ptr<SpoolerLogon> logon_;
  EntryId entry_;
  Message saved_;
  Message value_;
  std::int64_t changes_;
  bool writable_;
  bool valid_ = true;
};

}  // namespace memory_store
