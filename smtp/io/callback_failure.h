// What is thrown inside a callback of a C library. It must not unwind through that library's
// frames: it is kept, and thrown again where C++ has called the library.
#pragma once

#include <exception>
#include <utility>

namespace postern::smtp {

class CallbackFailure {
 public:
  /// What `work` gives; `otherwise`, which tells the library to stop, if it throws. The first
  /// exception is kept.
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
  /// Throws what was kept, if anything was; it is forgotten then.
  void rethrow() {
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

 private:
  std::exception_ptr failure_;
};

}  // namespace postern::smtp
