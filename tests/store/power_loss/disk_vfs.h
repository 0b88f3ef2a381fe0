// SQLite's way to the files of a Disk: while it exists, it is SQLite's default VFS.
//
// It stands for SQLite's own one for Unix and does what that one does for durability: the first
// sync of a handle on a journal or a write-ahead log syncs the directory, too, since the file may
// have been made with the handle; removing a file syncs the directory only if SQLite asks for it.
// Shared memory and locks are those of the connections of this process.
//
// What the store does with plain calls of the system (its empty file, its lock file, its reserve)
// lies in a real directory. None of it has to outlast a loss of power: the store makes anew what is
// missing. So the real, empty file of the store stands for the one that the disk has or has lost.
#pragma once

#include <cstdint>
#include <memory>

#include <sqlite3.h>

#include "tests/store/power_loss/disk.h"

namespace postern::store::test {

class DiskVfs {
 public:
  DiskVfs();
  DiskVfs(const DiskVfs&) = delete;
  DiskVfs& operator=(const DiskVfs&) = delete;
  ~DiskVfs();

  /// The files that connections opened from now on have; there are none from before. SQLite's
  /// random numbers begin anew, from the seed.
  void mount(Disk& disk, std::uint64_t seed);

  /// Lets other threads go on before each sync, so that their work is committed together.
  void set_gathers(bool gathers) { gathers_ = gathers; }

  // For the functions that SQLite calls.
  [[nodiscard]] Disk& disk() const { return *disk_; }
  [[nodiscard]] bool gathers() const { return gathers_; }
  [[nodiscard]] sqlite3_vfs& real() const { return *real_; }
  [[nodiscard]] Dice& random() { return random_; }

 private:
  sqlite3_vfs* real_;
  sqlite3_vfs vfs_{};
  Disk* disk_ = nullptr;
  bool gathers_ = false;
  Dice random_{0};
};

}  // namespace postern::store::test
