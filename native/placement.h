// On which processors a thread may run for the moment. Where it may in the end is its program's to say, and where it
// does the scheduler's.
#pragma once

#include <pthread.h>
#include <sched.h>

#include <thread>

namespace netprim {

class Placement {
 public:
  explicit Placement(std::thread& thread) : thread_(thread) {}

  // On any but this one.
  void keepAway(int processor);
  // On this one alone.
  void keepOn(int processor);
  // Wherever it might before.
  void release();

  // It has got another processor, and may go where it wants to from there.
  void arrive() {
    if (where_ == Where::away) release();
  }

 private:
  enum class Where { anywhere, away, on };

  void keep(Where where, int processor);

  std::thread& thread_;
  Where where_ = Where::anywhere;
  int processor_ = -1;  // that it is kept away from, or on
  cpu_set_t before_;    // what was allowed before, unless it is anywhere
  cpu_set_t kept_;      // what it has been allowed since
};

}  // namespace netprim
