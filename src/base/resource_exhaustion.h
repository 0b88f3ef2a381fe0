// What this process or this machine has run out of, as a sentence that names the cure.
//
// A lack of descriptors, threads or memory is no fault of the mail's or of a server's, and it may
// be over soon: whoever meets it says the sentence, waits and tries again.
#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <system_error>

#pragma GCC visibility push(default)
namespace postern {

/// "no file descriptor is left (the limit is 32); raise it with ulimit -n …". Returns
/// nullopt if the error is of another kind. EAGAIN is taken for a lack of threads: it is not to be
/// asked about where it may mean that a call would have to wait.
std::optional<std::string> exhausted_resource(std::error_code error);
/// The same for an errno.
std::optional<std::string> exhausted_resource(int error);
/// The same for std::system_error, boost::system::system_error and std::bad_alloc.
std::optional<std::string> exhausted_resource(const std::exception_ptr& failure);

/// EMFILE or ENFILE if so many more descriptors cannot be opened now, else no error. For libraries
/// that do not tell why they could not open a file.
std::error_code descriptors_exhausted(std::size_t count);

}  // namespace postern
#pragma GCC visibility pop
