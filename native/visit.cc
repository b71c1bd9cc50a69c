// A worker finds the namespace that it was born in once: to look for it below /proc each time takes as long as to go
// elsewhere and to write a setting there.
#include "visit.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

#include "descriptor.h"

namespace netprim {

namespace {

bool isSame(const struct stat& one, const struct stat& other) {
  return one.st_ino == other.st_ino && one.st_dev == other.st_dev;
}

class Home {
 public:
  MaybeFailure find() {
    if (netns_ != nullptr) return {};
    const int fd = openNamespaceFile(kOwnNamespace);
    if (fd < 0) return Failure::now("open", kOwnNamespace);
    const auto own = std::make_shared<Descriptor>(fd);
    if (fstat(fd, &status_) != 0) return Failure::now("fstat", kOwnNamespace);
    mayComeBack_ = setns(fd, CLONE_NEWNET) == 0;
    netns_ = shared(own);
    return {};
  }

  bool is(int netnsFd) const {
    struct stat other;
    return fstat(netnsFd, &other) == 0 && isSame(other, status_);
  }

  // Who is root in a user namespace alone may not.
  bool mayComeBack() const { return mayComeBack_; }

  // A thread that stayed away would keep a namespace that everybody else has left. Who has lost the right to come back
  // may have lost the right to leave before.
  void comeBack() const {
    if (setns(netns_->fd(), CLONE_NEWNET) != 0 && !isInNamespace(netns_->fd())) std::abort();
  }

 private:
  // One descriptor for all threads that were born in the same namespace: this one, or another's.
  SharedDescriptor shared(const SharedDescriptor& own) const {
    static std::mutex mutex;
    static auto& last = *new std::weak_ptr<Descriptor>;  // for ever: exit() does not wait for threads
    const std::lock_guard lock(mutex);
    SharedDescriptor known = last.lock();
    if (known != nullptr && is(known->fd())) return known;
    last = own;
    return own;
  }

  SharedDescriptor netns_;
  struct stat status_ = {};
  bool mayComeBack_ = false;
};

thread_local Home home;

// For who would not find the way back.
MaybeFailure onThreadThatEnds(const std::function<MaybeFailure()>& action) {
  MaybeFailure failure;
  try {
    std::thread([&] { failure = action(); }).join();
  } catch (const std::system_error& error) {
    return Failure{"pthread_create", -error.code().value(), {}};
  }
  return failure;
}

}  // namespace

int openNamespaceFile(const char* path) { return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); }

bool isInNamespace(int netnsFd) {
  struct stat wanted, own;
  return fstat(netnsFd, &wanted) == 0 && stat(kOwnNamespace, &own) == 0 && isSame(wanted, own);
}

// To start a thread for it takes longer than most that is done there.
MaybeFailure awayFromHome(const std::function<MaybeFailure()>& action) {
  MaybeFailure failure = home.find();
  if (failure) return failure;
  if (!home.mayComeBack()) return onThreadThatEnds(action);
  failure = action();
  home.comeBack();
  return failure;
}

MaybeFailure inNamespace(int netnsFd, const std::function<MaybeFailure()>& action) {
  MaybeFailure failure = home.find();
  if (failure) return failure;
  if (home.is(netnsFd)) return action();
  return awayFromHome([&]() -> MaybeFailure {
    if (setns(netnsFd, CLONE_NEWNET) != 0) return Failure::now("setns");
    return action();
  });
}

}  // namespace netprim
