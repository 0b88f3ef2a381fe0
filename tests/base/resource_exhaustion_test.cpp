#include "base/resource_exhaustion.h"

#include <cerrno>
#include <cstdlib>
#include <new>
#include <sys/resource.h>
#include <vector>

#include <boost/system/system_error.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/resource_limits.h"

namespace postern {
namespace {

using testing::HasSubstr;
using testing::Optional;

TEST(ResourceExhaustion, NamesTheThingAndTheCure) {
  struct Row {
    int error;
    const char* thing;
    const char* cure;
  };
  for (const auto& [error, thing, cure] :
       {Row{EMFILE, "file descriptor", "ulimit -n"}, Row{ENFILE, "file descriptor", "fs.file-max"},
        Row{EAGAIN, "threads", "ulimit -u"}, Row{ENOMEM, "memory", "ulimit -v"},
        Row{ENOBUFS, "network buffers", "sysctl"}}) {
    EXPECT_THAT(exhausted_resource(error), Optional(HasSubstr(thing))) << error;
    EXPECT_THAT(exhausted_resource(error), Optional(HasSubstr(cure))) << error;
  }
}

TEST(ResourceExhaustion, EverythingElseIsNone) {
  for (const int error : {0, ENOENT, EACCES, ECONNREFUSED, EPIPE, EINVAL, ENOSPC}) {
    EXPECT_EQ(exhausted_resource(error), std::nullopt) << error;
  }
  EXPECT_EQ(exhausted_resource(std::make_error_code(std::io_errc::stream)), std::nullopt);
}

TEST(ResourceExhaustion, IsFoundInWhatWasThrown) {
  const auto found = [](const auto& error) {
    return exhausted_resource(std::make_exception_ptr(error)).has_value();
  };
  const boost::system::error_code too_many(EMFILE, boost::system::system_category());
  EXPECT_TRUE(found(std::system_error(EMFILE, std::generic_category())));
  EXPECT_TRUE(found(std::system_error(EMFILE, std::system_category(), "dup")));
  EXPECT_TRUE(found(boost::system::system_error(too_many, "epoll")));
  EXPECT_TRUE(found(std::bad_alloc()));
  EXPECT_FALSE(found(std::system_error(ENOENT, std::generic_category())));
  EXPECT_FALSE(found(std::runtime_error("Too many open files")));
  EXPECT_FALSE(found(1));
}

/// Lowers the limit of descriptors for good: for a child process.
void allow_descriptors(rlim_t count) {
  const rlimit limit{count, count};
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) std::abort();
}

TEST(ResourceExhaustionDeathTest, TellsTheLimitAndWhetherDescriptorsAreLeft) {
  POSTERN_NEEDS_DESCRIPTORS();
  EXPECT_EQ(descriptors_exhausted(3), std::error_code());
  EXPECT_EXIT(
      {
        allow_descriptors(3);  // those of the standard streams
        const bool none_left = descriptors_exhausted(1) == std::errc::too_many_files_open;
        const bool none_wanted = !descriptors_exhausted(0);
        const std::string sentence = exhausted_resource(EMFILE).value_or("");
        const bool told = sentence.find("(the limit is 3)") != std::string::npos;
        std::exit(none_left && none_wanted && told ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace postern
