// Threads of our own within a program that is not: its signals are not their business, and
// OpenSSL's writes must not raise SIGPIPE in them.
#pragma once

#include <csignal>

#pragma GCC visibility push(default)
namespace postern {

/// For the calling thread.
inline void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

/// For the calling thread, and for those it starts, as long as the object lives.
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
