// A small pool of threads with one wake-up of the JavaScript thread for all that has become ready meanwhile.
#include "workers.h"

#include <sched.h>

#include <algorithm>
#include <chrono>
#include <system_error>

#include "blocked-signals.h"

namespace netprim {

namespace {

// Most of them only wait: for the end of a deletion, or for what another is told.
constexpr size_t kMaxThreads = 32;

// So many may work at once, as many as there are processors: more would only queue at RTNL, and keep the JavaScript
// thread from its processor.
const size_t kMaxWorking = std::clamp<size_t>(std::thread::hardware_concurrency(), 2, 8);

// How long the JavaScript thread takes what is done, and what that leads to, before the event loop has its turn. Who
// awaits one short thing after the other finds the next one done already, where the thread that does it runs on the
// same processor: to be told by libuv takes two system calls more.
constexpr std::chrono::microseconds kDeliver{500};

// After so many jobs in a row that came alone and took no longer, the next is taken to be of that kind, too.
constexpr int kInARow = 3;
constexpr std::chrono::milliseconds kBrief{1};

// What takes so long is not told of by itself if more follows.
constexpr std::chrono::microseconds kLongToTell{400};

// Who has submitted something as the last thing before it waits does wait within this time.
constexpr std::chrono::microseconds kPatience{100};

}  // namespace

Workers::Workers(Napi::Env env) : signal_(env, "netprim", [this] { deliver(); }) {}

Workers::~Workers() { stop(); }

Napi::Promise Workers::submit(Napi::Env env, std::unique_ptr<Job> job, Next next) {
  const Napi::Promise promise = enqueue(env, std::move(job), next);
  callThreads(next);
  return promise;
}

std::vector<Napi::Promise> Workers::submitAll(Napi::Env env, std::vector<std::unique_ptr<Job>> jobs, Next next) {
  std::vector<Napi::Promise> promises;
  for (auto& job : jobs) promises.push_back(enqueue(env, std::move(job), next));
  callThreads(next);
  return promises;
}

Napi::Promise Workers::enqueue(Napi::Env env, std::unique_ptr<Job> job, Next next) {
  Task task{std::move(job), Napi::Promise::Deferred::New(env), {}, false};
  const Napi::Promise promise = task.deferred.Promise();
  const std::lock_guard lock(mutex_);
  if (stopping_) return promise;
  task.isAlone = next == Next::wait && waiting_.empty() && working_ == 0;
  if (pending_++ == 0) signal_.ref();
  if (!looking_ && task.job->mayBeToldLate() && follows(*task.job)) signal_.repeat(looking_ = true);
  waiting_.push_back(std::move(task));
  return promise;
}

// Sees to it that there are threads for what waits. Who is woken here will run on this processor, whatever else the
// machine has, and begins when this thread waits. To have it begin on another takes this thread ten times as long, and
// so is done only where this thread has other work first.
void Workers::callThreads(Next next) {
  const int here = sched_getcpu();
  Worker* worker = nullptr;
  bool works = next == Next::work;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    processor_ = here;
    const size_t takable = countTakable();
    // Even if none is needed: one job that follows another on the same thing wants a herald.
    startThreads(std::max<size_t>(takable, waiting_.size() > 1 ? 1 : 0));
    const auto now = std::chrono::steady_clock::now();
    works = works || (expected_ != nullptr && now - expectedSince_ > kPatience);
    // Who tells that something is done looks for more in a moment.
    if (!works && expected_ == nullptr) expect(telling_, now);
    // Who begins sees to it that others do, if there is more.
    const bool isSeenTo = !works && expected_ != nullptr;
    if (!isSeenTo && takable > coming()) worker = nextAsleep();
    if (worker != nullptr && !works) expect(worker, now);
  }
  if (worker == nullptr) return;
  if (works) {
    worker->placement.keepAway(here);
  } else {
    worker->placement.keepOn(here);
  }
  worker->sleep.end();
}

// NB: the mutex is held by the caller.
void Workers::expect(Worker* worker, std::chrono::steady_clock::time_point now) {
  expected_ = worker;
  expectedSince_ = now;
}

void Workers::holdThreads(bool hold) {
  const std::lock_guard lock(mutex_);
  holds_ += hold ? 1 : -1;
  startThreads(countTakable());
}

// NB: the mutex is held by the caller.
void Workers::startThreads(size_t wanted) {
  if (holds_ > 0 || stopping_) return;
  for (size_t ready = asleep_.size() + coming(); ready < wanted && workers_.size() < kMaxThreads; ready++) {
    Worker& worker = workers_.emplace_back();
    try {
      const BlockedSignals blocked;
      worker.thread = std::thread([this, &worker] { work(worker); });
      starting_++;
    } catch (const std::system_error& error) {
      workers_.pop_back();
      if (workers_.empty()) failWithoutThreads(-error.code().value());
      return;
    }
  }
}

// Settles what waits: there is no thread to do it, and the limit on threads will not let there be one.
void Workers::failWithoutThreads(int number) {
  for (Task& task : waiting_) {
    task.failure = Failure{"pthread_create", number, {}};
    done_.push_back(std::move(task));
  }
  waiting_.clear();
  signal_.send();
}

void Workers::work(Worker& self) {
  std::unique_lock lock(mutex_);
  starting_--;
  int loneOnes = 0;
  while (true) {
    std::optional<Task> task = takeTask();
    if (!task && loneOnes >= kInARow && comeBeside(self, lock)) task = takeTask();
    if (!task) task = awaitTask(self, lock);
    if (stopping_) return;
    const bool staysBeside = task->isAlone && (!task->job->isLong() || loneOnes >= kInARow);
    const auto taken = perform(self, *task->job, staysBeside, lock);
    loneOnes = taken < kBrief && task->isAlone ? loneOnes + 1 : 0;
    const bool tells = !told_ && !delivering_ && !stopping_ && !isFoundBySelf(*task->job, taken);
    const void* const subject = task->job->subject();
    done_.push_back(std::move(*task));
    if (tells) tell(self, subject, lock);
  }
}

// Gives the time that it took.
std::chrono::nanoseconds Workers::perform(Worker& self, Job& job, bool staysBeside,
                                          std::unique_lock<std::mutex>& lock) {
  const void* const subject = job.subject();
  if (subject != nullptr) subjects_.insert(subject);
  if (!job.onlyWaits()) working_++;
  const bool isFollowed = hasNext(subject);
  // Who submitted several woke one thread: what is left is not to wait for this one.
  Worker* const other = countTakable() > coming() ? nextAsleep() : nullptr;
  lock.unlock();
  if (other != nullptr) wakeElsewhere(*other);
  if (!staysBeside) self.placement.release();
  // Where one follows another, JavaScript would wait for all of them here, and they for it.
  if (job.isLong() && isFollowed && isBeside()) self.placement.keepAway(processor_);
  // Most kernels let go of a processor only when a system call is over. If the JavaScript thread waits for this one,
  // it goes first; for what is short, that would only be two more switches.
  if (job.isLong()) std::this_thread::yield();
  const auto begun = std::chrono::steady_clock::now();
  job.run();
  const auto taken = std::chrono::steady_clock::now() - begun;
  self.placement.arrive();
  lock.lock();
  subjects_.erase(subject);
  if (!job.onlyWaits()) working_--;
  arrive(self);
  return taken;
}

// Tells the JavaScript thread that something is done, from here or by a herald.
void Workers::tell(Worker& self, const void* subject, std::unique_lock<std::mutex>& lock) {
  Worker* const herald = signal_.isWaitedFor() ? heraldOf(subject) : nullptr;
  told_ = true;
  telling_ = &self;
  lock.unlock();
  if (herald != nullptr) {
    wakeElsewhere(*herald);
  } else {
    signal_.send();
  }
  lock.lock();
  if (telling_ == &self) telling_ = nullptr;
  arrive(self);
}

// The first task on something that nobody is at work on. NB: the mutex is held by the caller.
std::optional<Workers::Task> Workers::takeTask() {
  for (auto task = waiting_.begin(); task != waiting_.end(); ++task) {
    if (!mayBegin(*task->job, working_)) continue;
    std::optional<Task> taken = std::move(*task);
    waiting_.erase(task);
    return taken;
  }
  return {};
}

// How many of the tasks can begin at the same time: none on the same thing as another. NB: the mutex is held by the
// caller.
size_t Workers::countTakable() const {
  std::vector<const void*> taken;
  size_t working = working_;
  size_t count = 0;
  for (const Task& task : waiting_) {
    const Job& job = *task.job;
    if (!mayBegin(job, working)) continue;
    const void* subject = job.subject();
    if (subject != nullptr) {
      if (std::ranges::find(taken, subject) != taken.end()) continue;
      taken.push_back(subject);
    }
    if (!job.onlyWaits()) working++;
    count++;
  }
  return count;
}

// Threads that will take a task each, without waiting for the JavaScript thread: who comes, has been woken, or is being
// started. NB: the mutex is held by the caller.
size_t Workers::coming() const {
  const bool oneWaits = expected_ != nullptr && expected_->isWoken;
  return idle_ - asleep_.size() + starting_ - (oneWaits ? 1 : 0);
}

// While so many work already. NB: the mutex is held by the caller.
bool Workers::mayBegin(const Job& job, size_t working) const {
  return !subjects_.contains(job.subject()) && (job.onlyWaits() || working < kMaxWorking);
}

// The processor is the one that the JavaScript thread, most likely, is waiting for.
bool Workers::isBeside() const { return sched_getcpu() == processor_; }

// It will be done after another on the same thing. NB: the mutex is held by the caller.
bool Workers::follows(const Job& job) const { return subjects_.contains(job.subject()) || hasNext(job.subject()); }

// There is more to do on the same thing. NB: the mutex is held by the caller.
bool Workers::hasNext(const void* subject) const {
  return subject != nullptr &&
         std::ranges::any_of(waiting_, [&](const Task& task) { return task.job->subject() == subject; });
}

// Who tells the JavaScript thread that something is done while the next job on the same thing begins here: nobody if no
// thread has nothing to do, or others are at work. The scheduler lets who is woken run next to who has woken it, even
// if another processor has nothing to do; so from here, the JavaScript thread would keep the job waiting. NB: the mutex
// is held by the caller.
Workers::Worker* Workers::heraldOf(const void* subject) {
  if (working_ > 0 || !hasNext(subject)) return nullptr;
  Worker* herald = nextAsleep();
  if (herald == nullptr) return nullptr;
  herald->isHerald = true;
  return herald;
}

// The JavaScript thread looks for itself soon enough: to wake it would keep the next job waiting. NB: the mutex is held
// by the caller.
bool Workers::isFoundBySelf(const Job& job, std::chrono::nanoseconds taken) const {
  return looking_ && taken >= kLongToTell && job.mayBeToldLate() && hasNext(job.subject());
}

// It is there, and looks for something to do. NB: the mutex is held by the caller.
void Workers::arrive(Worker& self) {
  if (expected_ == &self) expected_ = nullptr;
  self.isWoken = false;
}

// Who awaits one thing after the other has it soonest from a thread on the same processor: another one is halted in
// between, and to wake it takes as long as something short itself. So this thread comes to the JavaScript thread's, and
// stays there until it has something else to do. False if there is nothing to be gained.
bool Workers::comeBeside(Worker& self, std::unique_lock<std::mutex>& lock) {
  if (working_ > 0 || stopping_ || isBeside()) return false;
  idle_++;
  self.isWoken = true;
  if (expected_ == nullptr) expect(&self, std::chrono::steady_clock::now());
  lock.unlock();
  self.placement.keepOn(processor_);
  lock.lock();
  arrive(self);
  idle_--;
  return true;
}

// Nothing if there will be none any more.
std::optional<Workers::Task> Workers::awaitTask(Worker& self, std::unique_lock<std::mutex>& lock) {
  idle_++;
  std::optional<Task> task;
  while (!task && !stopping_) {
    asleep_.push_back(&self);
    lock.unlock();
    self.sleep.begin();
    self.placement.arrive();
    lock.lock();
    arrive(self);
    if (self.isHerald) {
      self.isHerald = false;
      lock.unlock();
      signal_.send();
      lock.lock();
    }
    task = takeTask();
  }
  idle_--;
  return task;
}

// Who has fallen asleep last: most likely it is still on the processor of the one who asks, and all that it needs is in
// the caches. NB: the mutex is held by the caller.
Workers::Worker* Workers::nextAsleep() {
  if (asleep_.empty()) return nullptr;
  Worker* last = asleep_.back();
  asleep_.pop_back();
  last->isWoken = true;
  return last;
}

// On another processor than this one. NB: without the mutex, which they take, and which nobody is to wait for
// meanwhile.
void Workers::wakeElsewhere(Worker& worker) {
  worker.placement.keepAway(sched_getcpu());
  worker.sleep.end();
}

void Workers::deliver() {
  const auto end = std::chrono::steady_clock::now() + kDeliver;
  std::deque<Task> done;
  while (takeDone(done, std::chrono::steady_clock::now() < end)) {
    signal_.enter([&](Napi::Env env) {
      for (Task& task : done) settle(env, task);
    });
    pending_ -= done.size();
    if (pending_ == 0) signal_.unref();
    done.clear();
  }
}

// False if there is nothing, or it is the event loop's turn.
bool Workers::takeDone(std::deque<Task>& done, bool again) {
  std::unique_lock lock(mutex_);
  if (again && done_.empty() && expected_ != nullptr && !waiting_.empty() && !waiting_.front().job->isLong()) {
    // Who begins when this thread waits may as well begin now: to sleep and to be woken takes four system calls more.
    lock.unlock();
    std::this_thread::yield();
    lock.lock();
  }
  delivering_ = again && !done_.empty();
  if (delivering_) done.swap(done_);
  told_ = !done_.empty();
  if (told_) signal_.send();
  // What is done last will be told.
  if (looking_ && waiting_.empty()) signal_.repeat(looking_ = false);
  return delivering_;
}

void Workers::settle(Napi::Env env, Task& task) {
  try {
    const Napi::HandleScope scope(env);
    task.deferred.Resolve(task.failure ? task.failure->toValue(env) : task.job->result(env));
  } catch (const Napi::Error&) {
    // Only an environment that is being torn down refuses; nobody is left to tell.
  }
}

void Workers::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
    // Nobody falls asleep any more.
    while (Worker* worker = nextAsleep()) worker->sleep.end();
  }
  for (Worker& worker : workers_) worker.thread.join();
  waiting_.clear();
  done_.clear();
}

}  // namespace netprim
