#pragma once

#include <signal.h>

#include <system_error>
#include <thread>
#include <utility>

namespace quicket {

// Threads for foreign code, which nobody waits for.

// SignalsBlocked blocks all signals in this thread, and in threads that it starts, while it lives.
class SignalsBlocked {
 public:
  SignalsBlocked() noexcept {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

// start_detached starts a thread that nobody will join. False when there is none to be had.
template <class Function>
bool start_detached(Function function) {
  try {
    const SignalsBlocked blocked;
    std::thread(std::move(function)).detach();
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

}  // namespace quicket
