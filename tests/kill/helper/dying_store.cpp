#include "tests/kill/helper/dying_store.h"

#include <set>
#include <utility>

#include "mapi/address.h"
#include "mapi/property_tags.h"

namespace postern::kill {
namespace {

std::set<std::string> settled_in(const mapi::Message& message) {
  std::set<std::string> addresses;
  for (const auto& row : message.recipients) {
    if (row.get_or(mapi::PR_RESPONSIBILITY, false)) addresses.insert(mapi::address_text(row));
  }
  return addresses;
}

class DyingHandle final : public mapi::MessageHandle {
 public:
  DyingHandle(std::unique_ptr<mapi::MessageHandle> inner, DyingPoints& points)
      : inner_(std::move(inner)), points_(points), told_(settled_in(inner_->message())) {}

  [[nodiscard]] const mapi::EntryId& entry_id() const override { return inner_->entry_id(); }
  [[nodiscard]] const mapi::Message& message() const override { return inner_->message(); }
  mapi::Message& edit() override { return inner_->edit(); }
  void save_changes() override {
    saving(Call::save_changes, [this] { inner_->save_changes(); });
  }
  void submit_message() override { inner_->submit_message(); }

  /// A call that saves what the handle has, and after which it may be of no use any more.
  template <class Work>
  void saving(Call call, const Work& work) {
    const auto settled = settled_in(inner_->message());
    points_.around(call, [&] {
      work();
      tell_of(settled);
    });
  }
  [[nodiscard]] mapi::MessageHandle& inner() { return *inner_; }

  /// These are saved.
  void tell_of(const std::set<std::string>& settled) {
    std::string line;
    for (const auto& address : settled) {
      if (told_.insert(address).second) line += ' ' + address;
    }
    if (!line.empty()) tell("saved" + line);
  }

 private:
  std::unique_ptr<mapi::MessageHandle> inner_;
  DyingPoints& points_;
  std::set<std::string> told_;
};

}  // namespace

std::unique_ptr<mapi::MessageHandle> DyingStore::open_entry(const mapi::EntryId& entry,
                                                            mapi::Access access) {
  auto opened = points_.around(Call::open_entry, [&] { return inner().open_entry(entry, access); });
  return std::make_unique<DyingHandle>(std::move(opened), points_);
}

std::vector<mapi::MsgStore::Claim> DyingStore::claim(mapi::FileTime now, std::size_t limit) {
  return points_.around(Call::claim, [&] { return inner().claim(now, limit); });
}

std::optional<mapi::FileTime> DyingStore::next_due() const {
  return points_.around(Call::next_due, [&] { return inner().next_due(); });
}

void DyingStore::set_lock_state(const mapi::EntryId& entry, mapi::LockState state) {
  points_.around(Call::set_lock_state, [&] { inner().set_lock_state(entry, state); });
}

std::vector<mapi::MsgStore::Finished> DyingStore::save_and_finish_all(
    std::span<mapi::MessageHandle* const> messages) {
  std::vector<mapi::MessageHandle*> inner_messages;
  std::vector<std::set<std::string>> settled;
  for (auto* message : messages) {
    inner_messages.push_back(&dynamic_cast<DyingHandle&>(*message).inner());
    settled.push_back(settled_in(message->message()));
  }
  return points_.around(Call::save_and_finish, [&] {
    auto results = inner().save_and_finish_all(inner_messages);
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (!results[i]) dynamic_cast<DyingHandle&>(*messages[i]).tell_of(settled[i]);
    }
    return results;
  });
}

mapi::NewMail DyingStore::create_report(mapi::MessageHandle& original, mapi::Message report) {
  auto& handle = dynamic_cast<DyingHandle&>(original);
  mapi::NewMail mail;
  handle.saving(Call::create_report,
                [&] { mail = inner().create_report(handle.inner(), std::move(report)); });
  return mail;
}

void DyingStore::notify_new_mail(const mapi::NewMail& mail) {
  points_.around(Call::notify_new_mail, [&] { inner().notify_new_mail(mail); });
}

std::unique_ptr<mapi::Subscription> DyingStore::advise(mapi::StoreObserver observer) {
  {
    const std::scoped_lock lock(mutex_);
    changed_ = std::move(observer.outgoing_queue);
  }
  observer.outgoing_queue = [this](mapi::QueueEvent event, const mapi::EntryId& entry) {
    const std::scoped_lock lock(mutex_);
    changed_(event, entry);
  };
  return inner().advise(std::move(observer));
}

void DyingStore::stir() {
  const std::scoped_lock lock(mutex_);
  changed_(mapi::QueueEvent::table_changed, {});
}

}  // namespace postern::kill
