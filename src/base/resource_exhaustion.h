// Recognises exhausted resources of this process or machine, and makes a sentence with the cure.
//
// A lack of descriptors, threads or memory is no fault of the mail or of a server, and it may be
// over soon: the caller reports the sentence, waits and tries again. May be called from any thread.
#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <system_error>

#pragma GCC visibility push(default)
namespace postern {

/// "no file descriptor is left (the limit is 32); raise it with ulimit -n …". Returns nullopt if
/// the error is of another kind. EAGAIN is taken for a lack of threads: do not pass that of a
/// non-blocking call.
std::optional<std::string> exhausted_resource(std::error_code error);
/// The same for an errno.
std::optional<std::string> exhausted_resource(int error);
/// The same for std::system_error, boost::system::system_error and std::bad_alloc.
std::optional<std::string> exhausted_resource(const std::exception_ptr& failure);

/// EMFILE or ENFILE if `count` more descriptors cannot be opened now, else no error. For libraries
/// that do not say why they could not open a file.
std::error_code descriptors_exhausted(std::size_t count);

}  // namespace postern
#pragma GCC visibility pop
