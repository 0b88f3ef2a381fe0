// The engine's own exception, beside std::invalid_argument (options that cannot be used) and
// std::system_error, boost::system::system_error and std::bad_alloc (the process or its machine is
// out of a resource; see base/resource_exhaustion.h).
#pragma once

#include <stdexcept>

#pragma GCC visibility push(default)
namespace postern::smtp {

/// Content that cannot be sent in any later attempt either: one sentence. All other exceptions of a
/// source or its reader count as temporary.
class ContentError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace postern::smtp
#pragma GCC visibility pop
