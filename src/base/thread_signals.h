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

}  // namespace postern
#pragma GCC visibility pop
