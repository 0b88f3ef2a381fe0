// For threads that the library starts in another program: they must not handle the program's
// signals, and OpenSSL's writes must not raise SIGPIPE in them.
#pragma once

#include <csignal>

#pragma GCC visibility push(default)
namespace postern {

/// Blocks all signals in the calling thread.
inline void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

/// Blocks all signals in the calling thread, and in those it starts, as long as the object lives.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &usual_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &usual_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t usual_{};
};

}  // namespace postern
#pragma GCC visibility pop
