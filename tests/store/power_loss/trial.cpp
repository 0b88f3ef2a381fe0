#include "tests/store/power_loss/trial.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "tests/store/power_loss/letters.h"

namespace postern::store::test {
namespace {

mapi::StoreSupport::SentMail end_of(const mapi::Message& sent) {
  using SentMail = mapi::StoreSupport::SentMail;
  if (sent.get_or(mapi::PR_DELETE_AFTER_SUBMIT, false)) return SentMail::remove;
  return sent.get(mapi::PR_SENTMAIL_ENTRYID) != nullptr ? SentMail::move : SentMail::keep;
}

void make_mailbox(mapi::MSProvider& provider, const mapi::Mailbox& mailbox) {
  const auto there = provider.mailboxes();
  if (std::ranges::find(there, mailbox) == there.end()) provider.create_mailbox(mailbox);
  provider.add_address(mailbox, own_address_of(mailbox.name));
}

std::string any_mailbox(Dice& dice) {
  const auto at = dice.below(own_mailboxes.size() + 1);
  return at == 0 ? "" : own_mailboxes.at(at - 1);
}

/// How long a life lasts: to the middle of an opening, or of much work. As a rule the power goes
/// during any change; often enough during a sync, before which all was written and nothing is
/// durable.
void limit_life(Dice& dice, Disk& disk) {
  const auto kind = dice.below(20);
  if (kind < 2) return disk.cut_power_after(dice.below(30));
  if (kind < 9) return disk.cut_power_after(dice.below(1'000));
  if (kind < 12) return disk.cut_power_after(dice.below(6'000));
  disk.cut_power_after_syncs(dice.below(kind < 19 ? 40 : 200));
}

}  // namespace

Totals& Totals::operator+=(const Totals& other) {
  losses += other.losses;
  calls.acknowledged += other.calls.acknowledged;
  calls.in_doubt += other.calls.in_doubt;
  calls.refused += other.calls.refused;
  doubts_done += other.doubts_done;
  doubts_not_done += other.doubts_not_done;
  lost += other.lost;
  half += other.half;
  invented += other.invented;
  return *this;
}

std::string text_of(const Totals& totals) {
  const auto& calls = totals.calls;
  const auto made = calls.acknowledged + calls.in_doubt + calls.refused;
  return std::to_string(totals.losses) + " losses of power; " + std::to_string(made) +
         " changes submitted, " + std::to_string(calls.acknowledged) + " acknowledged, " +
         std::to_string(calls.refused) + " refused, " + std::to_string(calls.in_doubt) +
         " in doubt (" + std::to_string(totals.doubts_done) + " there, " +
         std::to_string(totals.doubts_not_done) + " not); " + std::to_string(totals.lost) +
         " lost, " + std::to_string(totals.half) + " half, " + std::to_string(totals.invented) +
         " invented";
}

PreparedStore::PreparedStore(const std::filesystem::path& store) : disk_(std::make_unique<Disk>()) {
  DiskVfs vfs;
  vfs.mount(*disk_, 0);
  ScriptedSupport support;
  {
    const auto provider = open_sqlite_store(store, support);
    for (const auto* mailbox : own_mailboxes) make_mailbox(*provider, {mailbox});
  }
  disk_->shut_down();
}

Trial::Trial(DiskVfs& vfs, std::filesystem::path store, const PreparedStore& prepared,
             SyncHonesty honesty, std::uint64_t seed)
    : vfs_(vfs), store_(std::move(store)), dice_(seed) {
  support_.on_sent = end_of;
  if (dice_.chance(10)) {
    disk_ = std::make_unique<Disk>();
  } else {
    disk_ = prepared.copy();
    mailboxes_.insert(own_mailboxes.begin(), own_mailboxes.end());
  }
  disk_->set_honesty(honesty);
}

Totals Trial::totals() const {
  auto totals = totals_;
  totals.calls = ledger_.counts();
  return totals;
}

std::vector<std::string> Trial::run() {
  const auto lives = dice_.chance(15) ? dice_.between(3, 5) : 1;
  for (std::uint64_t life = 0; life < lives && faults_.empty(); ++life) {
    live();
    lose_power();
    while (dice_.chance(20)) recover_in_vain();
    // On a copy, the next life begins with what the power has left; else with an opened store.
    if (dice_.chance(50)) {
      const auto copy = disk_->power_loss(Dice(0));
      check(*copy);
    } else {
      check(*disk_);
    }
  }
  if (faults_.empty()) work_off();
  return faults_;
}

void Trial::mount(Disk& disk) {
  vfs_.mount(disk, dice_.seed());
}

std::unique_ptr<mapi::MSProvider> Trial::open_store() {
  return open_sqlite_store(store_, support_);
}

/// Also after a loss of power that came before they were made.
void Trial::prepare_mailboxes(mapi::MSProvider& provider) {
  for (const auto* mailbox : own_mailboxes) {
    if (mailboxes_.contains(mailbox)) continue;
    make_mailbox(provider, {mailbox});
    mailboxes_.insert(mailbox);
  }
}

Machine Trial::machine_with(mapi::MSProvider& provider) {
  Machine machine{*disk_, ledger_, store_, provider};
  for (const auto& mailbox : provider.mailboxes()) {
    const auto store = provider.logon(mailbox);
    machine.places[mailbox.name] = {
        store->folder(mapi::SpecialFolder::outbox), store->folder(mapi::SpecialFolder::sent_items),
        store->folder(mapi::SpecialFolder::inbox), store->folder(mapi::SpecialFolder::ipm_subtree)};
  }
  return machine;
}

void Trial::live() {
  mount(*disk_);
  limit_life(dice_, *disk_);
  const bool with_threads = dice_.chance(25);
  vfs_.set_gathers(with_threads);
  try {
    for (auto openings = dice_.between(1, 3); openings > 0; --openings) {
      open_and_act(with_threads);
    }
  } catch (const PowerIsGone&) {
  } catch (const mapi::Failure& failure) {
    if (disk_->has_power()) faults_.emplace_back(failure.what());
  }
  vfs_.set_gathers(false);
}

void Trial::open_and_act(bool with_threads) {
  const auto provider = open_store();
  prepare_mailboxes(*provider);
  auto machine = machine_with(*provider);
  if (with_threads) {
    act_at_once(machine);
  } else {
    act_in_turns(machine);
  }
  if (!disk_->has_power()) throw PowerIsGone{};
}

void Trial::act_in_turns(Machine& machine) {
  Client one(machine, any_mailbox(dice_), dice_.seed());
  Client other(machine, any_mailbox(dice_), dice_.seed());
  std::optional<SpoolerCaller> spooler;
  if (dice_.chance(80)) spooler.emplace(machine, dice_.seed());
  for (auto turns = dice_.between(5, 50); turns > 0; --turns) {
    const auto turn = dice_.below(4);
    if (turn >= 2 && spooler) {
      spooler->act();
    } else {
      (turn % 2 == 0 ? one : other).act();
    }
  }
}

void Trial::act_at_once(Machine& machine) {
  std::vector<std::thread> threads;
  const auto begin = [&](auto act) {
    threads.emplace_back([this, act = std::move(act)] {
      try {
        act();
      } catch (const PowerIsGone&) {
      } catch (const std::exception& error) {
        if (disk_->has_power()) ledger_.complain(error.what());
      }
    });
  };
  // Logging on changes whatever is held, before clients have any of it in hands.
  SpoolerCaller spooler(machine, dice_.seed());
  for (auto clients = dice_.between(2, 6); clients > 0; --clients) {
    begin([&machine, mailbox = any_mailbox(dice_), seed = dice_.seed()] {
      Client client(machine, mailbox, seed);
      for (int acts = 0; acts < 15; ++acts) client.act();
    });
  }
  begin([&spooler] {
    for (int acts = 0; acts < 30; ++acts) spooler.act();
  });
  for (auto& thread : threads) thread.join();
}

void Trial::lose_power() {
  disk_->cut_power();
  disk_ = disk_->power_loss(Dice(dice_.seed()));
  ++totals_.losses;
}

/// The power goes again while the store is opened.
void Trial::recover_in_vain() {
  mount(*disk_);
  disk_->cut_power_after(dice_.below(25));
  try {
    const auto provider = open_store();
  } catch (const mapi::Failure& failure) {
    if (disk_->has_power()) faults_.emplace_back(failure.what());
  }
  lose_power();
}

void Trial::check(Disk& disk) {
  mount(disk);
  try {
    const auto provider = open_store();
    check_mailboxes(*provider);
    auto judgement = judge(ledger_, find_objects(*provider));
    std::ranges::move(judgement.faults, std::back_inserter(faults_));
    totals_.lost += judgement.lost;
    totals_.half += judgement.half;
    totals_.invented += judgement.invented;
    totals_.doubts_done += judgement.doubts_done;
    totals_.doubts_not_done += judgement.doubts_not_done;
    std::ranges::move(faults_of_file(store_), std::back_inserter(faults_));
  } catch (const std::exception& error) {
    ++totals_.lost;
    faults_.push_back(std::string("the store cannot be read: ") + error.what());
  }
  std::ranges::move(ledger_.complaints(), std::back_inserter(faults_));
}

void Trial::check_mailboxes(mapi::MSProvider& provider) {
  const auto there = provider.addresses();
  for (const auto& mailbox : mailboxes_) {
    const mapi::MailboxAddress promised{own_address_of(mailbox), {mailbox}};
    if (std::ranges::find(there, promised) != there.end()) continue;
    ++totals_.lost;
    faults_.push_back("the mailbox " + mailbox + " is lost");
  }
}

void Trial::work_off() {
  mount(*disk_);
  try {
    const auto provider = open_store();
    prepare_mailboxes(*provider);
    auto machine = machine_with(*provider);
    SpoolerCaller(machine, dice_.seed()).work_off();
  } catch (const PowerIsGone&) {  // the ledger knows why
  } catch (const mapi::Failure& failure) {
    faults_.emplace_back(failure.what());
  }
  check(*disk_);
}

}  // namespace postern::store::test
