// What one seed decides: lives of a store on one disk, each ended by a loss of power, some during
// the recovery from the one before, and what is found after each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/store/power_loss/callers.h"
#include "tests/store/power_loss/disk_vfs.h"
#include "tests/store/power_loss/judgement.h"
#include "tests/store/store_fixture.h"

namespace postern::store::test {

struct Totals {
  std::uint64_t losses = 0;
  Ledger::Counts calls;
  std::uint64_t doubts_done = 0;
  std::uint64_t doubts_not_done = 0;
  std::uint64_t lost = 0;
  std::uint64_t half = 0;
  std::uint64_t invented = 0;

  Totals& operator+=(const Totals& other);
};
std::string text_of(const Totals& totals);

/// A disk with a store that has its mailboxes, and nothing in them; the store's path is part of it.
class PreparedStore {
 public:
  explicit PreparedStore(const std::filesystem::path& store);
  [[nodiscard]] std::unique_ptr<Disk> copy() const { return disk_->power_loss(Dice(0)); }

 private:
  std::unique_ptr<Disk> disk_;
};

class Trial {
 public:
  Trial(DiskVfs& vfs, std::filesystem::path store, const PreparedStore& prepared,
        SyncHonesty honesty, std::uint64_t seed);

  /// Returns what was wrong, a sentence each.
  std::vector<std::string> run();
  [[nodiscard]] Totals totals() const;

 private:
  void live();
  void open_and_act(bool with_threads);
  void act_in_turns(Machine& machine);
  void act_at_once(Machine& machine);
  void recover_in_vain();
  void lose_power();
  void check(Disk& disk);
  void check_mailboxes(mapi::MSProvider& provider);
  void work_off();
  void mount(Disk& disk);
  std::unique_ptr<mapi::MSProvider> open_store();
  void prepare_mailboxes(mapi::MSProvider& provider);
  Machine machine_with(mapi::MSProvider& provider);

  DiskVfs& vfs_;
  std::filesystem::path store_;
  Dice dice_;
  std::unique_ptr<Disk> disk_;
  Ledger ledger_;
  ScriptedSupport support_;
  std::set<std::string> mailboxes_;  ///< acknowledged, with their addresses
  Totals totals_;
  std::vector<std::string> faults_;
};

}  // namespace postern::store::test
