// A disk in memory that loses its power: what a strict POSIX file system promises, and no more.
//
// Each file has two layers: what is durable, and the changes since. A sync of the file makes its
// changes durable. Until then the power takes any of them: all, those behind a moment, or some; a
// write is torn at sectors of 512 octets, of which each has the new octets, the old ones, or
// anything. Octets outside a write are never harmed by it (SQLITE_IOCAP_POWERSAFE_OVERWRITE, which
// SQLite assumes of real disks). A file that is longer than what was written to it has zeros there.
//
// Names are changes of the directory: a file that was made or removed is so for good only once the
// directory is synced, which the sync of a file alone does not do, and until then each name is, for
// itself, as any of its changes has left it. All files lie in one directory.
//
// The power is cut during a change: the change may reach the disk, in part or whole, but it fails,
// and so does all that follows. May be used from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tests/store/power_loss/dice.h"
#include "tests/store/power_loss/file_sharing.h"

namespace postern::store::test {

struct DiskFile {
  using Octets = std::vector<std::byte>;
  /// A write, or, without octets, a new end of the file.
  struct Change {
    std::uint64_t moment = 0;
    std::uint64_t offset = 0;
    Octets octets;
  };
  Octets durable;
  std::vector<Change> unsynced;
  Octets current;  ///< with all changes
  FileSharing sharing;
};

/// What a disk does when it is asked to make something durable: it keeps it; it keeps the octets of
/// files and forgets their names; it says that it has done so, and does nothing.
enum class SyncHonesty { keeps, forgets_names, lies };

class Disk {
 public:
  using File = std::shared_ptr<DiskFile>;

  void set_honesty(SyncHonesty honesty) { honesty_ = honesty; }

  // What a machine with power does. False, or null: the power is gone.

  /// Null also where there is no such file, unless it is to be made.
  File open(const std::string& name, bool make);
  [[nodiscard]] bool has(const std::string& name) const;
  bool remove(const std::string& name, bool sync_directory);
  /// Returns how many octets there were; nullopt without power.
  std::optional<std::size_t> read(const DiskFile& file, std::uint64_t offset,
                                  std::span<std::byte> into) const;
  bool write(DiskFile& file, std::uint64_t offset, std::span<const std::byte> octets);
  bool truncate(DiskFile& file, std::uint64_t size);
  bool sync(DiskFile& file, bool sync_directory);
  /// As when a machine is shut down: all that was written is durable, whatever the disk says of it.
  void shut_down();
  [[nodiscard]] std::optional<std::uint64_t> size(const DiskFile& file) const;

  // The power.

  /// It is cut during the change after so many more: writes, truncations, syncs, removals.
  void cut_power_after(std::uint64_t changes);
  /// It is cut during the sync after so many more.
  void cut_power_after_syncs(std::uint64_t syncs);
  void cut_power();
  [[nodiscard]] bool has_power() const;
  /// So many changes were made.
  [[nodiscard]] std::uint64_t changes() const;

  /// The disk as it is found when the power is back, which `dice` decide. Nobody uses this one.
  [[nodiscard]] std::unique_ptr<Disk> power_loss(Dice dice) const;

 private:
  /// What a name has stood for since the directory was synced, the last one now; null: for nothing.
  struct Entry {
    std::uint64_t moment = 0;
    File file;
  };
  using Entries = std::vector<Entry>;

  /// Counts a change; false if the power is cut during it, or is gone.
  bool spend();
  bool make_change(DiskFile& file, std::uint64_t offset, std::span<const std::byte> octets);
  static void keep(DiskFile& file);
  void keep_directory();
  [[nodiscard]] std::vector<std::uint64_t> unsynced_moments() const;

  SyncHonesty honesty_ = SyncHonesty::keeps;
  mutable std::mutex mutex_;
  std::map<std::string, Entries> names_;
  std::uint64_t changes_ = 0;
  std::uint64_t syncs_ = 0;
  std::optional<std::uint64_t> last_change_;
  std::optional<std::uint64_t> last_sync_;
  bool has_power_ = true;
};

}  // namespace postern::store::test
