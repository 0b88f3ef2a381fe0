#include "tests/store/power_loss/callers.h"

#include "tests/store/power_loss/letters.h"

namespace postern::store::test {

std::optional<Caller::Hand> Caller::take(ObjectKind kind,
                                         const std::function<bool(const Expected&)>& is_wanted) {
  auto taken = machine_.ledger.take(dice_, kind, is_wanted);
  if (!taken) return std::nullopt;
  return std::optional<Hand>(std::in_place, machine_.ledger, *std::move(taken));
}

std::optional<Caller::Hand> Caller::take(const mapi::EntryId& entry) {
  auto taken = machine_.ledger.take(entry);
  if (!taken) return std::nullopt;
  return std::optional<Hand>(std::in_place, machine_.ledger, *std::move(taken));
}

bool Caller::call(const Step& step, const std::function<void()>& work,
                  std::optional<mapi::Code> refusal) {
  try {
    work();
  } catch (const mapi::Failure& failure) {
    const bool has_power = machine_.disk.has_power();
    if (has_power && failure.code() == refusal) {
      machine_.ledger.refuse();
      return false;
    }
    if (has_power) machine_.ledger.complain(step.call + " has failed: " + failure.what());
    if (!step.after.empty()) machine_.ledger.leave_in_doubt(step);
    throw PowerIsGone{};
  }
  if (!step.after.empty()) machine_.ledger.acknowledge(step);
  return true;
}

void Caller::add_deliveries(Step& step, const mapi::Message& submitted) {
  for (const auto* mailbox : own_mailboxes) {
    if (!is_addressed_to(submitted, mailbox)) continue;
    step.after.emplace(add_object(), Expected{.folder = machine_.places.at(mailbox).inbox,
                                              .value = as_delivered(submitted)});
  }
}

std::string Caller::new_name(const std::string& kind) {
  return kind + " " + std::to_string(machine_.ledger.next_name());
}

}  // namespace postern::store::test
