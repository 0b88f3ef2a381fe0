#include "base/resource_exhaustion.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <new>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

#include <boost/system/system_error.hpp>

namespace postern {
namespace {

using Limit = decltype(RLIMIT_NOFILE);

struct Resource {
  int error;
  std::optional<Limit> limit;
  const char* lack;
  const char* cure;
};

constexpr std::array resources{
    Resource{EMFILE, RLIMIT_NOFILE, "no file descriptor is left",
             "raise it with ulimit -n or LimitNOFILE=, or send less at once"},
    Resource{ENFILE, std::nullopt, "no file descriptor is left on this machine",
             "raise fs.file-max with sysctl, or end what holds so many"},
    Resource{EAGAIN, RLIMIT_NPROC, "no more threads can be started",
             "raise it with ulimit -u or TasksMax=, or send less at once"},
    Resource{ENOMEM, RLIMIT_AS, "there is not enough memory",
             "raise it with ulimit -v or MemoryMax=, or send less at once"},
    Resource{ENOBUFS, std::nullopt, "there is no memory left for network buffers",
             "send less at once, or raise net.core.wmem_max with sysctl"},
};

/// " (the limit is 32)"; empty if there is none.
std::string limit_text(std::optional<Limit> limit) {
  rlimit bounds{};
  if (!limit || ::getrlimit(*limit, &bounds) != 0 || bounds.rlim_cur == RLIM_INFINITY) return {};
  return " (the limit is " + std::to_string(bounds.rlim_cur) +
         (*limit == RLIMIT_AS ? " octets)" : ")");
}

}  // namespace

std::optional<std::string> exhausted_resource(int error) {
  for (const Resource& resource : resources) {
    if (resource.error != error) continue;
    return resource.lack + limit_text(resource.limit) + "; " + resource.cure;
  }
  return std::nullopt;
}

std::optional<std::string> exhausted_resource(std::error_code error) {
  const std::error_condition condition = error.default_error_condition();
  if (condition.category() != std::generic_category()) return std::nullopt;
  return exhausted_resource(condition.value());
}

std::optional<std::string> exhausted_resource(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::system_error& error) {
    return exhausted_resource(error.code());
  } catch (const boost::system::system_error& error) {
    return exhausted_resource(std::error_code(error.code()));
  } catch (const std::bad_alloc&) {
    return exhausted_resource(ENOMEM);
  } catch (...) {
    return std::nullopt;
  }
}

std::error_code descriptors_exhausted(std::size_t count) {
  std::vector<int> opened;
  std::error_code error;
  while (opened.size() < count && !error) {
    const int descriptor = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (descriptor >= 0) {
      opened.push_back(descriptor);
    } else if (errno == EMFILE || errno == ENFILE) {
      error = {errno, std::generic_category()};
    } else {
      break;  // a root directory without devices has nothing to be opened
    }
  }
  for (const int descriptor : opened) ::close(descriptor);
  return error;
}

}  // namespace postern
