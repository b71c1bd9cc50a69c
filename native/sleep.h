// How a thread sleeps until another one wakes it.
#pragma once

#include <semaphore.h>

#include <cerrno>

namespace netprim {

// For one thread, and as often as it is woken. A condition variable of the C library's marks its mutex as wanted by
// others, which makes each use one system call longer; the standard library's semaphore looks for a while before it
// sleeps.
class Sleep {
 public:
  Sleep() { sem_init(&ended_, 0, 0); }
  ~Sleep() { sem_destroy(&ended_); }
  Sleep(const Sleep&) = delete;
  Sleep& operator=(const Sleep&) = delete;

  // Sleeps, unless it has been ended already.
  void begin() {
    while (sem_wait(&ended_) != 0 && errno == EINTR) {
    }
  }
  void end() { sem_post(&ended_); }

 private:
  sem_t ended_;
};

}  // namespace netprim
