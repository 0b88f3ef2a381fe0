// What the engine throws that is told apart by its callers, besides std::invalid_argument (options
// that cannot be used) and std::system_error, boost::system::system_error and std::bad_alloc (the
// process or its machine has run out of something; base/resource_exhaustion.h tells).
#pragma once

#include <stdexcept>

#pragma GCC visibility push(default)
namespace postern::smtp {

/// Content that cannot be sent, whoever tries it again: one sentence. Whatever else a source or a
/// reader of content throws may be better next time.
class ContentError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace postern::smtp
#pragma GCC visibility pop
