// The threads on which netprim waits for the kernel: few, shared by all sockets of one JavaScript environment, and
// never libuv's.
#pragma once

#include <napi.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "failure.h"
#include "placement.h"
#include "signal.h"
#include "sleep.h"

namespace netprim {

// Something to do off the JavaScript thread. `run` must not touch JavaScript; `result` makes the value that settles the
// promise.
class Job {
 public:
  virtual ~Job() = default;
  virtual void run() = 0;
  virtual Napi::Value result(Napi::Env env) = 0;
  // Jobs on the same thing are done one after the other, in the order in which they were submitted; null is nothing.
  virtual const void* subject() const { return nullptr; }
  // The kernel may keep the processor for 0.1 ms or more.
  virtual bool isLong() const { return true; }
  // What follows it on the same thing has been asked for long before: it does not wait for JavaScript to hear of this
  // one.
  virtual bool mayBeToldLate() const { return false; }
  // It hardly works, and holds nothing that others wait for.
  virtual bool onlyWaits() const { return false; }
};

class Workers {
 public:
  explicit Workers(Napi::Env env);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Whether the JavaScript thread, which submits something, waits next, as far as it knows, or has other work first.
  enum class Next { wait, work };

  // Called on the JavaScript thread. The promise is never rejected: what went wrong is part of the result.
  Napi::Promise submit(Napi::Env env, std::unique_ptr<Job> job, Next next = Next::wait);

  // The same for several; who is woken finds all of them.
  std::vector<Napi::Promise> submitAll(Napi::Env env, std::vector<std::unique_ptr<Job>> jobs, Next next);

  // While the JavaScript thread stands in another namespace no thread may be born: it would stay in there for good.
  // Holds nest.
  void holdThreads(bool hold);

  // Waits for what runs, drops what waits. Afterwards nothing can be submitted.
  void stop();

  // When it has been stopped: `closed` is called when the environment may end.
  void close(std::function<void()> closed) { signal_.close(std::move(closed)); }

 private:
  struct Task {
    std::unique_ptr<Job> job;
    Napi::Promise::Deferred deferred;
    MaybeFailure failure;  // of the task itself, that kept it from being run
    bool isAlone;          // the JavaScript thread waits for it, and when it was submitted for nothing else
  };

  struct Worker {
    std::thread thread;
    Sleep sleep;
    bool isWoken = false;   // or comes, and has not begun to look for something to do
    bool isHerald = false;  // woken only to tell the JavaScript thread of what another has done
    Placement placement{thread};
  };

  Napi::Promise enqueue(Napi::Env env, std::unique_ptr<Job> job, Next next);
  void deliver();
  bool takeDone(std::deque<Task>& done, bool again);
  static void settle(Napi::Env env, Task& task);
  void callThreads(Next next);
  void expect(Worker* worker, std::chrono::steady_clock::time_point now);
  void startThreads(size_t wanted);
  void failWithoutThreads(int number);
  void work(Worker& self);
  std::chrono::nanoseconds perform(Worker& self, Job& job, bool staysBeside, std::unique_lock<std::mutex>& lock);
  void tell(Worker& self, const void* subject, std::unique_lock<std::mutex>& lock);
  std::optional<Task> takeTask();
  bool mayBegin(const Job& job, size_t working) const;
  size_t countTakable() const;
  size_t coming() const;
  std::optional<Task> awaitTask(Worker& self, std::unique_lock<std::mutex>& lock);
  Worker* nextAsleep();
  static void wakeElsewhere(Worker& worker);
  bool isBeside() const;
  bool follows(const Job& job) const;
  bool hasNext(const void* subject) const;
  Worker* heraldOf(const void* subject);
  bool isFoundBySelf(const Job& job, std::chrono::nanoseconds taken) const;
  void arrive(Worker& self);
  bool comeBeside(Worker& self, std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::deque<Task> waiting_;
  std::deque<Task> done_;
  std::set<const void*> subjects_;   // of the jobs that are being done
  std::atomic<int> processor_ = -1;  // that the JavaScript thread was on when it last submitted something
  bool delivering_ = false;          // the JavaScript thread takes what is done, and need not be told
  bool told_ = false;                // it has been told, and will
  bool looking_ = false;             // it looks by itself whether something is done, each millisecond
  Worker* expected_ = nullptr;       // to begin when the JavaScript thread waits
  std::chrono::steady_clock::time_point expectedSince_;
  Worker* telling_ = nullptr;  // that something is done, and will look for more then
  size_t working_ = 0;
  std::deque<Worker> workers_;
  std::vector<Worker*> asleep_;  // in the order in which they have fallen asleep
  size_t idle_ = 0;              // those, and who comes, or has been woken and has not begun yet
  size_t starting_ = 0;
  int holds_ = 0;
  bool stopping_ = false;
  size_t pending_ = 0;  // touched by the JavaScript thread alone
  Signal signal_;
};

// The one Workers of this environment, made by the addon's initialisation.
Workers& workersOf(Napi::Env env);

}  // namespace netprim
