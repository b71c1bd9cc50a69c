// What a thread that is born while this lives does not hear.
#pragma once

#include <pthread.h>

#include <csignal>

namespace netprim {

// The process's signals belong to the threads that its program knows of.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace netprim
