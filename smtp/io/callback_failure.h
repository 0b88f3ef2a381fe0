// An exception inside a callback of a C library. It must not unwind through the library's frames,
// so it is kept, and rethrown after the library has returned to C++.
#pragma once

#include <exception>
#include <utility>

namespace postern::smtp {

class CallbackFailure {
 public:
  /// Returns the result of `work`, or `otherwise`, which tells the library to stop, if it throws.
  /// The first exception is kept.
  template <class Result, class Work>
  Result guard(Result otherwise, Work&& work) noexcept {
    try {
      return std::forward<Work>(work)();
    } catch (...) {
      if (!failure_) failure_ = std::current_exception();
      return otherwise;
    }
  }
  [[nodiscard]] bool happened() const noexcept { return failure_ != nullptr; }
  /// Throws the kept exception, if there is one, and forgets it.
  void rethrow() {
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

 private:
  std::exception_ptr failure_;
};

}  // namespace postern::smtp
