#include "tests/store/power_loss/disk.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace postern::store::test {
namespace {

constexpr std::uint64_t sector_size = 512;

using Octets = DiskFile::Octets;
using Change = DiskFile::Change;

void put(Octets& into, std::uint64_t offset, std::span<const std::byte> octets) {
  if (into.size() < offset + octets.size()) into.resize(offset + octets.size());
  std::memcpy(into.data() + offset, octets.data(), octets.size());
}

void carry_out(Octets& into, const Change& change) {
  if (change.octets.empty()) {
    into.resize(change.offset);
  } else {
    put(into, change.offset, change.octets);
  }
}

/// What a loss of power does to what was not durable.
class Loss {
 public:
  /// `moments`: of what was not durable.
  Loss(Dice& dice, const std::vector<std::uint64_t>& moments)
      : dice_(dice),
        kind_(static_cast<Kind>(dice.below(kinds))),
        moment_(moments.empty() ? 0 : moments[dice.below(moments.size())]) {
    constexpr std::array shares{5U, 50U, 95U};
    survives_ = shares.at(dice.below(shares.size()));
    is_torn_ = shares.at(dice.below(shares.size()));
  }

  template <class Entries>
  const auto& file_left(const Entries& entries) {
    auto at = kind_ == Kind::nothing_survives ? 0 : entries.size() - 1;
    if (kind_ == Kind::some_survive) at = dice_.below(entries.size());
    while (kind_ == Kind::later_ones_are_lost && at > 0 && entries[at].moment > moment_) --at;
    return entries[at].file;
  }

  Octets octets_left(const DiskFile& file) {
    auto octets = file.durable;
    for (const auto& change : file.unsynced) {
      if (!reached(change)) continue;
      if (is_torn(change)) {
        tear(octets, change);
      } else {
        carry_out(octets, change);
      }
    }
    return octets;
  }

 private:
  enum class Kind { nothing_survives, all_survives, later_ones_are_lost, some_survive };
  static constexpr std::uint64_t kinds = 4;

  bool reached(const Change& change) {
    switch (kind_) {
      case Kind::nothing_survives:
        return false;
      case Kind::all_survives:
        return true;
      case Kind::later_ones_are_lost:
        return change.moment <= moment_;
      default:
        return dice_.chance(survives_);
    }
  }
  bool is_torn(const Change& change) {
    if (change.octets.empty()) return false;
    if (kind_ == Kind::later_ones_are_lost) return change.moment == moment_;
    return kind_ == Kind::some_survive && dice_.chance(is_torn_);
  }
  void tear(Octets& into, const Change& change) {
    const auto end = change.offset + change.octets.size();
    for (auto at = change.offset; at < end;) {
      const auto next = std::min(end, (at / sector_size + 1) * sector_size);
      const auto part = std::span(change.octets).subspan(at - change.offset, next - at);
      const auto fate = dice_.below(8);  // of eight sectors four are new, three old, one is garbage
      if (fate < 4) {
        put(into, at, part);
      } else if (fate == 7) {
        Octets garbage(part.size());
        std::ranges::generate(garbage, [this] { return dice_.octet(); });
        put(into, at, garbage);
      }
      at = next;
    }
  }

  Dice& dice_;
  Kind kind_;
  std::uint64_t moment_;
  unsigned survives_ = 0;
  unsigned is_torn_ = 0;
};

}  // namespace

Disk::File Disk::open(const std::string& name, bool make) {
  const std::lock_guard guard(mutex_);
  if (!has_power_) return nullptr;
  const auto found = names_.find(name);
  if (found != names_.end() && found->second.back().file) return found->second.back().file;
  if (!make || !spend()) return nullptr;
  auto& entries = names_[name];
  if (entries.empty()) entries.emplace_back();
  entries.push_back({changes_, std::make_shared<DiskFile>()});
  return entries.back().file;
}

bool Disk::has(const std::string& name) const {
  const std::lock_guard guard(mutex_);
  const auto found = names_.find(name);
  return found != names_.end() && found->second.back().file;
}

bool Disk::remove(const std::string& name, bool sync) {
  const std::lock_guard guard(mutex_);
  if (!has_power_) return false;
  const bool succeeds = spend();
  if (const auto found = names_.find(name); found != names_.end()) {
    found->second.push_back({changes_, nullptr});
  }
  if (succeeds && sync && honesty_ == SyncHonesty::keeps) keep_directory();
  return succeeds;
}

std::optional<std::size_t> Disk::read(const DiskFile& file, std::uint64_t offset,
                                      std::span<std::byte> into) const {
  const std::lock_guard guard(mutex_);
  if (!has_power_) return std::nullopt;
  const auto size = file.current.size();
  const auto there = std::span(file.current).subspan(std::min<std::uint64_t>(offset, size));
  const auto part = there.first(std::min(there.size(), into.size()));
  if (!part.empty()) std::memcpy(into.data(), part.data(), part.size());
  return part.size();
}

bool Disk::write(DiskFile& file, std::uint64_t offset, std::span<const std::byte> octets) {
  return octets.empty() || make_change(file, offset, octets);
}

bool Disk::truncate(DiskFile& file, std::uint64_t size) {
  return make_change(file, size, {});
}

bool Disk::make_change(DiskFile& file, std::uint64_t offset, std::span<const std::byte> octets) {
  const std::lock_guard guard(mutex_);
  if (!has_power_) return false;
  const bool succeeds = spend();
  file.unsynced.push_back({changes_, offset, {octets.begin(), octets.end()}});
  carry_out(file.current, file.unsynced.back());
  return succeeds;
}

bool Disk::sync(DiskFile& file, bool with_directory) {
  const std::lock_guard guard(mutex_);
  if (syncs_++ == last_sync_) has_power_ = false;
  if (!has_power_ || !spend()) return false;
  if (honesty_ != SyncHonesty::lies) keep(file);
  if (with_directory && honesty_ == SyncHonesty::keeps) keep_directory();
  return true;
}

void Disk::shut_down() {
  const std::lock_guard guard(mutex_);
  keep_directory();
  for (auto& [name, entries] : names_) keep(*entries.front().file);
}

void Disk::keep(DiskFile& file) {
  for (const auto& change : file.unsynced) carry_out(file.durable, change);
  file.unsynced.clear();
}

void Disk::keep_directory() {
  for (auto& [name, entries] : names_) entries.erase(entries.begin(), entries.end() - 1);
  std::erase_if(names_, [](const auto& name) { return name.second.front().file == nullptr; });
}

std::optional<std::uint64_t> Disk::size(const DiskFile& file) const {
  const std::lock_guard guard(mutex_);
  return has_power_ ? std::optional(file.current.size()) : std::nullopt;
}

void Disk::cut_power_after(std::uint64_t changes) {
  const std::lock_guard guard(mutex_);
  last_change_ = changes_ + changes;
}

void Disk::cut_power_after_syncs(std::uint64_t syncs) {
  const std::lock_guard guard(mutex_);
  last_sync_ = syncs_ + syncs;
}

void Disk::cut_power() {
  const std::lock_guard guard(mutex_);
  has_power_ = false;
}

bool Disk::has_power() const {
  const std::lock_guard guard(mutex_);
  return has_power_;
}

std::uint64_t Disk::changes() const {
  const std::lock_guard guard(mutex_);
  return changes_;
}

bool Disk::spend() {
  has_power_ = has_power_ && changes_ != last_change_;
  ++changes_;
  return has_power_;
}

std::vector<std::uint64_t> Disk::unsynced_moments() const {
  std::vector<std::uint64_t> moments;
  for (const auto& [name, entries] : names_) {
    for (const auto& [moment, file] : entries) {
      if (&file != &entries.front().file) moments.push_back(moment);
      if (!file) continue;
      for (const auto& change : file->unsynced) moments.push_back(change.moment);
    }
  }
  return moments;
}

std::unique_ptr<Disk> Disk::power_loss(Dice dice) const {
  const std::lock_guard guard(mutex_);
  auto found = std::make_unique<Disk>();
  found->honesty_ = honesty_;
  Loss loss(dice, unsynced_moments());
  for (const auto& [name, entries] : names_) {
    const auto& file = loss.file_left(entries);
    if (!file) continue;
    auto left = std::make_shared<DiskFile>();
    left->durable = loss.octets_left(*file);
    left->current = left->durable;
    found->names_[name].push_back({0, std::move(left)});
  }
  return found;
}

}  // namespace postern::store::test
