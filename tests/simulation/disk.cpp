#include "tests/simulation/disk.h"

#include <array>

#include <fmt/format.h>

#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"

namespace postern::simulation {
namespace {

/// What a store throws that may take the call later.
constexpr std::array passing{mapi::MAPI_E_NOT_ENOUGH_DISK, mapi::MAPI_E_NOT_ENOUGH_MEMORY,
                             mapi::MAPI_E_NOT_ENOUGH_RESOURCES, mapi::MAPI_E_BUSY};

class Handle final : public mapi::MessageHandle {
 public:
  Handle(Disk& disk, std::unique_ptr<mapi::MessageHandle> inner)
      : disk_(disk), inner_(std::move(inner)) {}

  [[nodiscard]] const mapi::EntryId& entry_id() const override { return inner_->entry_id(); }
  [[nodiscard]] const mapi::Message& message() const override { return inner_->message(); }
  mapi::Message& edit() override { return inner_->edit(); }
  void save_changes() override {
    disk_.write(entry_id(), [this] {
      inner_->save_changes();
      disk_.saved(entry_id(), inner_->message());
    });
  }
  void submit_message() override {
    disk_.write(entry_id(), [this] { inner_->submit_message(); });
  }
  [[nodiscard]] mapi::MessageHandle& inner() { return *inner_; }

 private:
  Disk& disk_;
  std::unique_ptr<mapi::MessageHandle> inner_;
};

class StoreOnDisk final : public test::ForwardingStore {
 public:
  StoreOnDisk(Disk& disk, std::unique_ptr<mapi::MsgStore> inner)
      : test::ForwardingStore(std::move(inner)), disk_(disk) {}

  std::unique_ptr<mapi::MessageHandle> open_entry(const mapi::EntryId& entry,
                                                  mapi::Access access) override {
    disk_.read();
    return std::make_unique<Handle>(disk_, inner().open_entry(entry, access));
  }
  mapi::EntryId submit(const mapi::EntryId& folder, mapi::Message message) override {
    return disk_.write({}, [&] { return inner().submit(folder, std::move(message)); });
  }
  void abort_submit(const mapi::EntryId& entry) override {
    disk_.write(entry, [&] {
      inner().abort_submit(entry);
      disk_.ledger().cancelled(entry);
    });
  }
  [[nodiscard]] std::vector<mapi::OutgoingQueueRow> outgoing_queue(
      std::optional<QueuePosition> after, std::size_t limit) const override {
    disk_.read();
    return inner().outgoing_queue(after, limit);
  }
  [[nodiscard]] std::optional<mapi::OutgoingQueueRow> queue_row(
      const mapi::EntryId& entry) const override {
    disk_.read();
    return inner().queue_row(entry);
  }
  void set_on_hold(const mapi::EntryId& entry, bool on_hold) override {
    disk_.write(entry, [&] { inner().set_on_hold(entry, on_hold); });
  }
  [[nodiscard]] std::vector<mapi::EntryId> attempts_beyond(mapi::FileTime latest,
                                                           mapi::FileTime now,
                                                           std::size_t limit) const override {
    disk_.read();
    return inner().attempts_beyond(latest, now, limit);
  }
  void retry_now(const std::optional<mapi::EntryId>& entry) override {
    disk_.write(entry.value_or(mapi::EntryId{}), [&] { inner().retry_now(entry); });
  }
  std::vector<Claim> claim(mapi::FileTime now, std::size_t limit) override {
    disk_.read();
    return inner().claim(now, limit);
  }
  [[nodiscard]] std::optional<mapi::FileTime> next_due() const override {
    disk_.read();
    return inner().next_due();
  }
  void hold(const mapi::EntryId& entry, std::optional<mapi::FileTime> until) override {
    disk_.write(entry, [&] { inner().hold(entry, until); });
  }
  void set_lock_state(const mapi::EntryId& entry, mapi::LockState state) override {
    disk_.write(entry, [&] { inner().set_lock_state(entry, state); });
  }
  void finished_msg(const mapi::EntryId& entry) override {
    disk_.write(entry, [&] {
      inner().finished_msg(entry);
      disk_.ledger().finished(entry);
    });
  }
  void save_and_finish(mapi::MessageHandle& message) override {
    auto& handle = dynamic_cast<Handle&>(message);
    const auto entry = handle.entry_id();
    disk_.write(entry, [&] {
      const auto value = handle.message();
      inner().save_and_finish(handle.inner());
      disk_.saved(entry, value);
      disk_.ledger().finished(entry);
    });
  }
  mapi::NewMail create_report(mapi::MessageHandle& original, mapi::Message report) override {
    auto& handle = dynamic_cast<Handle&>(original);
    return disk_.write(handle.entry_id(), [&] {
      auto mail = inner().create_report(handle.inner(), report);
      disk_.saved(handle.entry_id(), handle.message());
      return mail;
    });
  }

 private:
  Disk& disk_;
};

}  // namespace

std::unique_ptr<mapi::MsgStore> on_disk(Disk& disk, std::unique_ptr<mapi::MsgStore> inner) {
  return std::make_unique<StoreOnDisk>(disk, std::move(inner));
}

void Disk::die() {
  if (is_dead_) return;
  is_dead_ = true;
  ledger_.crashed();
  ledger_.figures().add(Count::crashes);
  trace_.note(std::nullopt, [] { return "the spooler's process dies"; });
  died_();
}

void Disk::saved(const mapi::EntryId& entry, const mapi::Message& message) {
  ledger_.saved(message);
  for (const auto& row : message.recipients) {
    trace_.note(life(entry), [&] {
      const auto outcome = mapi::outcome(row).value_or(Outcome{});
      return fmt::format("saved of {}: {} at {}, {} {}", row.get_or(mapi::PR_EMAIL_ADDRESS, ""),
                         name(outcome.verdict), name(outcome.stage), outcome.code, outcome.text);
    });
  }
}

void Disk::require_alive() const {
  if (is_dead_) throw mapi::Failure(mapi::MAPI_E_DISK_ERROR, "the process is dead");
}

void Disk::read() {
  require_alive();
  if (!chance_.per_mille(rates_.fails)) return;
  ledger_.figures().add(Count::disk_failures);
  throw mapi::Failure(chance_.pick(passing), "the disk is busy");
}

/// Returns whether the process dies when it is durable.
bool Disk::may_write(const mapi::EntryId& entry) {
  require_alive();
  if (chance_.per_mille(rates_.dies)) {
    if (chance_.one_in(2)) return true;
    trace_.note(life(entry), [] { return "the process dies before a commit"; });
    die();
    require_alive();
  }
  if (!chance_.per_mille(rates_.fails)) return false;
  ledger_.figures().add(Count::disk_failures);
  const auto code = chance_.pick(passing);
  trace_.note(life(entry), [&] { return "a commit fails with " + mapi::name(code); });
  throw mapi::Failure(code, "the disk is full");
}

void Disk::die_behind(const mapi::EntryId& entry) {
  trace_.note(life(entry), [] { return "the process dies behind a commit"; });
  die();
  throw mapi::Failure(mapi::MAPI_E_DISK_ERROR, "the process is dead");
}

std::optional<std::size_t> Disk::life(const mapi::EntryId& entry) {
  const Life* const found = ledger_.find(entry);
  return found == nullptr ? std::nullopt : std::optional(found->number);
}

}  // namespace postern::simulation
