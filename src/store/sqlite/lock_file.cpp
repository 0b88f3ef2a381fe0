#include "store/sqlite/lock_file.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite/file_failure.h"

namespace postern::store {
namespace {

mapi::Failure lock_failure(const std::filesystem::path& path, int error) {
  return file_failure("the store's lock file '" + path.string() + "' cannot be used", error);
}

struct flock request(LockByte byte, short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(byte);
  lock.l_len = 1;
  return lock;
}

short type_of(LockKind kind) {
  return kind == LockKind::exclusive ? F_WRLCK : F_RDLCK;
}

LockByte offset(LockByte first, std::int64_t number) {
  return static_cast<LockByte>(static_cast<std::int64_t>(first) + number);
}

}  // namespace

LockByte message_lock_byte(std::int64_t message_id) {
  return offset(LockByte::first_message, message_id);
}

LockByte writer_lock_byte(std::int64_t writer) {
  return offset(LockByte::first_writer, writer);
}

LockFile::LockFile(const std::filesystem::path& store) : path_(store.string() + "-lock") {
  struct stat of_store {};
  const bool known = ::stat(store.c_str(), &of_store) == 0;
  const mode_t mode = known ? of_store.st_mode & 0777 : 0600;
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor_ < 0 && errno == ENOENT) {
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, mode);
    // Every user who may write the store may lock it, whatever the umask of the first one.
    if (descriptor_ >= 0) ::fchmod(descriptor_, mode);
    if (descriptor_ >= 0 && known && ::geteuid() == 0 &&
        ::fchown(descriptor_, of_store.st_uid, of_store.st_gid) != 0) {
      const int error = errno;
      ::close(descriptor_);
      throw lock_failure(path_, error);
    }
  }
  if (descriptor_ < 0) throw lock_failure(path_, errno);
}

LockFile::~LockFile() {
  ::close(descriptor_);
}

bool LockFile::try_lock(LockByte byte, LockKind kind) {
  auto lock = request(byte, type_of(kind));
  if (::fcntl(descriptor_, F_OFD_SETLK, &lock) == 0) return true;
  if (errno == EAGAIN || errno == EACCES) return false;
  throw lock_failure(path_, errno);
}

void LockFile::lock(LockByte byte, LockKind kind) {
  auto lock = request(byte, type_of(kind));
  while (::fcntl(descriptor_, F_OFD_SETLKW, &lock) != 0) {
    if (errno != EINTR) throw lock_failure(path_, errno);
  }
}

void LockFile::unlock(LockByte byte) noexcept {
  auto lock = request(byte, F_UNLCK);
  ::fcntl(descriptor_, F_OFD_SETLK, &lock);
}

bool LockFile::is_held_against(LockByte byte, LockKind kind) const {
  auto lock = request(byte, type_of(kind));
  if (::fcntl(descriptor_, F_OFD_GETLK, &lock) != 0) throw lock_failure(path_, errno);
  return lock.l_type != F_UNLCK;
}

void LockFile::write_note(std::string_view note) noexcept {
  if (::ftruncate(descriptor_, 0) != 0) return;
  if (::pwrite(descriptor_, note.data(), note.size(), 0) != static_cast<ssize_t>(note.size())) {
    [[maybe_unused]] const int ignored = ::ftruncate(descriptor_, 0);  // no half a note
  }
}

std::string LockFile::read_note() const {
  std::array<char, 64> text{};
  const auto size = ::pread(descriptor_, text.data(), text.size(), 0);
  return {text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

}  // namespace postern::store
