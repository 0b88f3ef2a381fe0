// The directories that are made for a store outlast a loss of power, as what is stored in it does.
//
// SQLite syncs the directory that its files lie in; those above, nobody but the store can. What is
// synced is seen by standing in for fsync(2).
#include <mutex>
#include <set>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/store/store_fixture.h"

namespace postern::store::test {
namespace {

std::mutex synced_mutex;
std::set<ino_t> synced_inodes;

bool was_synced(const std::filesystem::path& directory) {
  struct stat status {};
  const std::lock_guard lock(synced_mutex);
  return ::stat(directory.c_str(), &status) == 0 && synced_inodes.contains(status.st_ino);
}

}  // namespace
}  // namespace postern::store::test

extern "C" [[gnu::visibility("default")]] int fsync(int descriptor) {
  using namespace postern::store::test;
  struct stat status {};
  if (::fstat(descriptor, &status) == 0) {
    const std::lock_guard lock(synced_mutex);
    synced_inodes.insert(status.st_ino);
  }
  return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

namespace postern::store::test {
namespace {

TEST(StoreDirectories, AreSyncedInThoseTheyAreMadeIn) {
  const postern::test::TemporaryDirectory directory;
  ScriptedSupport support;
  const auto outer = directory / "outer";
  const auto provider = open_sqlite_store(outer / "inner" / "store.sqlite", support);
  EXPECT_TRUE(was_synced(directory.path()));
  EXPECT_TRUE(was_synced(outer));
}

}  // namespace
}  // namespace postern::store::test
