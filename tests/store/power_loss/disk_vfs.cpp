#include "tests/store/power_loss/disk_vfs.h"

#include <cerrno>
#include <cstring>
#include <new>
#include <span>
#include <string>
#include <thread>
#include <utility>

namespace postern::store::test {
namespace {

/// SQLite's handle on a file, in memory that SQLite owns.
struct OpenFile : sqlite3_file {
  DiskVfs* vfs = nullptr;
  Disk::File file;
  bool syncs_directory = false;
};

OpenFile& opened(sqlite3_file* file) {
  return *static_cast<OpenFile*>(file);
}

std::span<std::byte> octets(void* data, int count) {
  return {static_cast<std::byte*>(data), static_cast<std::size_t>(count)};
}
std::span<const std::byte> octets(const void* data, int count) {
  return {static_cast<const std::byte*>(data), static_cast<std::size_t>(count)};
}

int succeeded(bool success, int otherwise) {
  return success ? SQLITE_OK : otherwise;
}

// The functions of a file.

int close_file(sqlite3_file* handle) {
  auto& open = opened(handle);
  open.file->sharing.unlock(&open, SQLITE_LOCK_NONE);
  open.~OpenFile();
  return SQLITE_OK;
}

int read_file(sqlite3_file* handle, void* into, int count, sqlite3_int64 offset) {
  const auto& open = opened(handle);
  const auto wanted = octets(into, count);
  const auto found = open.vfs->disk().read(*open.file, static_cast<std::uint64_t>(offset), wanted);
  if (!found) return SQLITE_IOERR_READ;
  if (*found == wanted.size()) return SQLITE_OK;
  std::memset(wanted.data() + *found, 0, wanted.size() - *found);
  return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* handle, const void* from, int count, sqlite3_int64 offset) {
  const auto& open = opened(handle);
  return succeeded(
      open.vfs->disk().write(*open.file, static_cast<std::uint64_t>(offset), octets(from, count)),
      SQLITE_IOERR_WRITE);
}

int truncate_file(sqlite3_file* handle, sqlite3_int64 size) {
  const auto& open = opened(handle);
  return succeeded(open.vfs->disk().truncate(*open.file, static_cast<std::uint64_t>(size)),
                   SQLITE_IOERR_TRUNCATE);
}

int sync_file(sqlite3_file* handle, int /*how*/) {
  auto& open = opened(handle);
  if (open.vfs->gathers()) std::this_thread::yield();
  const bool synced = open.vfs->disk().sync(*open.file, open.syncs_directory);
  if (synced) open.syncs_directory = false;
  return succeeded(synced, SQLITE_IOERR_FSYNC);
}

int file_size(sqlite3_file* handle, sqlite3_int64* size) {
  const auto& open = opened(handle);
  const auto found = open.vfs->disk().size(*open.file);
  *size = static_cast<sqlite3_int64>(found.value_or(0));
  return succeeded(found.has_value(), SQLITE_IOERR_FSTAT);
}

int lock_file(sqlite3_file* handle, int level) {
  auto& open = opened(handle);
  return succeeded(open.file->sharing.lock(&open, level), SQLITE_BUSY);
}

int unlock_file(sqlite3_file* handle, int level) {
  auto& open = opened(handle);
  open.file->sharing.unlock(&open, level);
  return SQLITE_OK;
}

int check_reserved_lock(sqlite3_file* handle, int* is_reserved) {
  *is_reserved = opened(handle).file->sharing.is_reserved() ? 1 : 0;
  return SQLITE_OK;
}

int control_file(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}

int sector_size_of(sqlite3_file*) {
  // as SQLite's own says
  return 4096;
}

int device_characteristics(sqlite3_file*) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

int map_memory(sqlite3_file* handle, int region, int size, int make, volatile void** memory) {
  auto& open = opened(handle);
  *memory = open.file->sharing.map_memory(&open, static_cast<std::size_t>(region),
                                          static_cast<std::size_t>(size), make != 0);
  return SQLITE_OK;
}

int lock_memory(sqlite3_file* handle, int first, int count, int flags) {
  auto& open = opened(handle);
  auto& sharing = open.file->sharing;
  const auto slot = static_cast<unsigned>(first);
  const auto slots = static_cast<unsigned>(count);
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    sharing.unlock_memory(&open, slot, slots);
    return SQLITE_OK;
  }
  const auto kind = (flags & SQLITE_SHM_SHARED) != 0 ? FileSharing::MemoryLock::shared
                                                     : FileSharing::MemoryLock::exclusive;
  return succeeded(sharing.lock_memory(&open, slot, slots, kind), SQLITE_BUSY);
}

void memory_barrier(sqlite3_file* handle) {
  opened(handle).file->sharing.memory_barrier();
}

int unmap_memory(sqlite3_file* handle, int /*remove*/) {
  auto& open = opened(handle);
  open.file->sharing.leave_memory(&open);
  return SQLITE_OK;
}

constexpr sqlite3_io_methods methods{.iVersion = 2,
                                     .xClose = close_file,
                                     .xRead = read_file,
                                     .xWrite = write_file,
                                     .xTruncate = truncate_file,
                                     .xSync = sync_file,
                                     .xFileSize = file_size,
                                     .xLock = lock_file,
                                     .xUnlock = unlock_file,
                                     .xCheckReservedLock = check_reserved_lock,
                                     .xFileControl = control_file,
                                     .xSectorSize = sector_size_of,
                                     .xDeviceCharacteristics = device_characteristics,
                                     .xShmMap = map_memory,
                                     .xShmLock = lock_memory,
                                     .xShmBarrier = memory_barrier,
                                     .xShmUnmap = unmap_memory,
                                     .xFetch = nullptr,
                                     .xUnfetch = nullptr};

// The functions of the VFS.

DiskVfs& vfs_of(sqlite3_vfs* vfs) {
  return *static_cast<DiskVfs*>(vfs->pAppData);
}

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* handle, int flags, int* result) {
  auto& self = vfs_of(vfs);
  handle->pMethods = nullptr;  // nothing to close yet
  // The store makes its own, empty file: see the header.
  const bool makes = (flags & (SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_DB)) != 0;
  auto file = name == nullptr ? std::make_shared<DiskFile>() : self.disk().open(name, makes);
  if (!file) return self.disk().has_power() ? SQLITE_CANTOPEN : SQLITE_IOERR;
  auto& open = *new (handle) OpenFile;
  open.pMethods = &methods;
  open.vfs = &self;
  open.file = std::move(file);
  open.syncs_directory = (flags & SQLITE_OPEN_CREATE) != 0 &&
                         (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
  if (result != nullptr) *result = flags;
  return SQLITE_OK;
}

int remove_file(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  auto& disk = vfs_of(vfs).disk();
  if (!disk.has(name)) return disk.has_power() ? SQLITE_IOERR_DELETE_NOENT : SQLITE_IOERR_DELETE;
  return succeeded(disk.remove(name, sync_directory != 0), SQLITE_IOERR_DELETE);
}

int access_file(sqlite3_vfs* vfs, const char* name, int /*what*/, int* result) {
  const auto& disk = vfs_of(vfs).disk();
  *result = disk.has(name) ? 1 : 0;
  return succeeded(disk.has_power(), SQLITE_IOERR_ACCESS);
}

int full_path(sqlite3_vfs* vfs, const char* name, int size, char* path) {
  auto& real = vfs_of(vfs).real();
  return real.xFullPathname(&real, name, size, path);
}

int random_octets(sqlite3_vfs* vfs, int count, char* into) {
  auto& random = vfs_of(vfs).random();
  for (auto& octet : octets(into, count)) octet = random.octet();
  return count;
}

int sleep_for(sqlite3_vfs* vfs, int microseconds) {
  auto& real = vfs_of(vfs).real();
  return real.xSleep(&real, microseconds);
}

int current_time(sqlite3_vfs* vfs, double* time) {
  auto& real = vfs_of(vfs).real();
  return real.xCurrentTime(&real, time);
}

int last_error(sqlite3_vfs*, int, char*) {
  return EIO;
}

}  // namespace

DiskVfs::DiskVfs() : real_(sqlite3_vfs_find(nullptr)) {
  vfs_.iVersion = 1;
  vfs_.szOsFile = sizeof(OpenFile);
  vfs_.mxPathname = real_->mxPathname;
  vfs_.zName = "disk";
  vfs_.pAppData = this;
  vfs_.xOpen = open_file;
  vfs_.xDelete = remove_file;
  vfs_.xAccess = access_file;
  vfs_.xFullPathname = full_path;
  vfs_.xRandomness = random_octets;
  vfs_.xSleep = sleep_for;
  vfs_.xCurrentTime = current_time;
  vfs_.xGetLastError = last_error;
  sqlite3_vfs_register(&vfs_, 1);
}

DiskVfs::~DiskVfs() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(real_, 1);
  sqlite3_randomness(0, nullptr);
}

void DiskVfs::mount(Disk& disk, std::uint64_t seed) {
  disk_ = &disk;
  random_ = Dice(seed);
  sqlite3_randomness(0, nullptr);
}

}  // namespace postern::store::test
