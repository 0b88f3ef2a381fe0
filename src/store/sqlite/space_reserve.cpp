#include "store/sqlite/space_reserve.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include "store/sqlite/file_failure.h"

namespace postern::store {
namespace {

/// The records of ten sessions' messages take some hundred kilobytes in SQLite's log.
constexpr off_t reserve_size = 2 << 20;

}  // namespace

SpaceReserve::SpaceReserve(const std::filesystem::path& store)
    : store_(store), path_(store.string() + "-reserve") {
  allocate();
}

void SpaceReserve::allocate() {
  const int descriptor = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) throw file_failure("'" + path_.string() + "' cannot be made", errno);
  const int error = ::posix_fallocate(descriptor, 0, reserve_size);
  ::close(descriptor);
  if (error == 0) return;
  ::unlink(path_.c_str());
  throw file_failure("the store '" + store_.string() +
                         "' has no room for the verdicts of a delivery (2 MiB); free some space "
                         "and try again",
                     error);
}

SpaceReserve::~SpaceReserve() {
  release();
}

void SpaceReserve::restore() {
  allocate();
  released_ = false;
}

void SpaceReserve::release() noexcept {
  released_ = true;
  ::unlink(path_.c_str());
}

}  // namespace postern::store
