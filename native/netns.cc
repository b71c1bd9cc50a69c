// The system calls behind Netns. Everything that may wait is a job; only the window of `run` is on the JavaScript
// thread.
#include "netns.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cstdlib>
#include <utility>
#include <vector>

#include "socket.h"
#include "visit.h"
#include "workers.h"

namespace netprim {

namespace {

constexpr char kPinDirectory[] = "/run/netns";

std::string pinPath(const std::string& name) { return std::string(kPinDirectory) + "/" + name; }

// As iproute2 does it: /run/netns is made a shared mount, so that unpinning reaches the copies in other mount
// namespaces.
MaybeFailure sharePinDirectory() {
  if (mkdir(kPinDirectory, 0755) != 0 && errno != EEXIST) return Failure::now("mkdir", kPinDirectory);
  const int fd = open(kPinDirectory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Failure::now("open", kPinDirectory);
  const Descriptor directory(fd);
  // Two processes that both find it unshared would bind it twice.
  if (flock(directory.fd(), LOCK_EX) != 0) return Failure::now("flock", kPinDirectory);
  if (mount("", kPinDirectory, "none", MS_SHARED | MS_REC, nullptr) == 0) return {};
  if (errno != EINVAL) return Failure::now("mount", kPinDirectory);
  if (mount(kPinDirectory, kPinDirectory, "none", MS_BIND | MS_REC, nullptr) != 0)
    return Failure::now("mount", kPinDirectory);
  if (mount("", kPinDirectory, "none", MS_SHARED | MS_REC, nullptr) != 0) return Failure::now("mount", kPinDirectory);
  return {};
}

MaybeFailure createPinFile(const std::string& path) {
  MaybeFailure failure = sharePinDirectory();
  if (failure) return failure;
  const int fd = open(path.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
  if (fd < 0) return Failure::now("open", path);
  close(fd);
  return {};
}

class CreateNamespace : public Job {
 public:
  explicit CreateNamespace(std::string name) : path_(name.empty() ? "" : pinPath(name)) {}

  void run() override {
    if (!path_.empty()) failure_ = createPinFile(path_);
    if (failure_) return;
    failure_ = awayFromHome([this] { return create(); });
    if (failure_ && !path_.empty()) unlink(path_.c_str());
  }

  Napi::Value result(Napi::Env env) override {
    if (failure_) return failure_->toValue(env);
    auto created = Napi::Object::New(env);
    created.Set("netns", toHandle(env, std::move(descriptor_)));
    created.Set("route", toHandle(env, std::move(route_)));
    return created;
  }

 private:
  MaybeFailure create() {
    if (unshare(CLONE_NEWNET) != 0) return Failure::now("unshare");
    const int fd = openNamespaceFile(kOwnNamespace);
    if (fd < 0) return Failure::now("open", kOwnNamespace);
    descriptor_ = std::make_shared<Descriptor>(fd);
    // Whoever makes a namespace has something to do in it, and to come here once more takes as long as to make it.
    MaybeFailure failure = openNetlink(NETLINK_ROUTE, route_);
    if (failure || path_.empty()) return failure;
    if (mount(kOwnNamespace, path_.c_str(), "none", MS_BIND, nullptr) != 0) return Failure::now("mount", path_);
    return {};
  }

  std::string path_;
  SharedDescriptor descriptor_;
  SharedDescriptor route_;
  MaybeFailure failure_;
};

// A file that is no namespace answers ENOTTY; another kind of namespace its own type.
MaybeFailure checkIsNetns(int fd, const std::string& path) {
  if (ioctl(fd, NS_GET_NSTYPE) == CLONE_NEWNET) return {};
  return Failure{"ioctl", -EINVAL, path};
}

class OpenNamespace : public Job {
 public:
  explicit OpenNamespace(std::string path) : path_(std::move(path)) {}

  void run() override {
    const int fd = openNamespaceFile(path_.c_str());
    if (fd < 0) {
      failure_ = Failure::now("open", path_);
      return;
    }
    descriptor_ = std::make_shared<Descriptor>(fd);
    failure_ = checkIsNetns(fd, path_);
  }

  Napi::Value result(Napi::Env env) override {
    return failure_ ? failure_->toValue(env) : toHandle(env, std::move(descriptor_));
  }

 private:
  std::string path_;
  SharedDescriptor descriptor_;
  MaybeFailure failure_;
};

class UnpinNamespace : public Job {
 public:
  UnpinNamespace(std::string name, double inode) : path_(pinPath(name)), inode_(inode) {}

  void run() override {
    struct stat status = {};
    if (stat(path_.c_str(), &status) != 0) {
      failure_ = Failure::now("stat", path_);
      return;
    }
    if (static_cast<double>(status.st_ino) != inode_) {
      failure_ = Failure{"stat", -ENOENT, path_};
      return;
    }
    if (umount2(path_.c_str(), MNT_DETACH) != 0) {
      failure_ = Failure::now("umount2", path_);
    } else if (unlink(path_.c_str()) != 0) {
      failure_ = Failure::now("unlink", path_);
    }
  }

  Napi::Value result(Napi::Env env) override { return failure_ ? failure_->toValue(env) : env.Undefined(); }

 private:
  std::string path_;
  double inode_;
  MaybeFailure failure_;
};

// createNamespace(goesOn[, name])
Napi::Value createNamespace(const Napi::CallbackInfo& info) {
  const bool works = info[0].As<Napi::Boolean>();
  const std::string name = info[1].IsString() ? info[1].As<Napi::String>().Utf8Value() : "";
  return workersOf(info.Env())
      .submit(info.Env(), std::make_unique<CreateNamespace>(name), works ? Workers::Next::work : Workers::Next::wait);
}

Napi::Value openNamespace(const Napi::CallbackInfo& info) {
  return workersOf(info.Env()).submit(info.Env(), std::make_unique<OpenNamespace>(info[0].As<Napi::String>()));
}

// duplicateNamespace(fd): at once, for the descriptor is the caller's, who may close it.
Napi::Value duplicateNamespace(const Napi::CallbackInfo& info) {
  const int original = info[0].As<Napi::Number>().Int32Value();
  const std::string path = "/proc/self/fd/" + std::to_string(original);
  const int fd = fcntl(original, F_DUPFD_CLOEXEC, 0);
  if (fd < 0) return Failure::now("fcntl", path).toValue(info.Env());
  auto descriptor = std::make_shared<Descriptor>(fd);
  const MaybeFailure failure = checkIsNetns(fd, path);
  return failure ? failure->toValue(info.Env()) : toHandle(info.Env(), std::move(descriptor));
}

Napi::Value unpinNamespace(const Napi::CallbackInfo& info) {
  return workersOf(info.Env())
      .submit(info.Env(),
              std::make_unique<UnpinNamespace>(info[0].As<Napi::String>(), info[1].As<Napi::Number>().DoubleValue()));
}

Napi::Value currentNamespace(const Napi::CallbackInfo& info) {
  const int fd = openNamespaceFile(kOwnNamespace);
  if (fd < 0) return Failure::now("open", kOwnNamespace).toValue(info.Env());
  return toHandle(info.Env(), std::make_shared<Descriptor>(fd));
}

Napi::Value namespaceInode(const Napi::CallbackInfo& info) {
  struct stat status = {};
  if (fstat(fromHandle(info[0])->fd(), &status) != 0) return Failure::now("fstat").toValue(info.Env());
  return Napi::Number::New(info.Env(), static_cast<double>(status.st_ino));
}

// Calls a function with the JavaScript thread inside the namespace. A thread that cannot get back must not live on.
Napi::Value runInNamespace(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const SharedDescriptor netns = fromHandle(info[0]);
  const int homeFd = openNamespaceFile(kOwnNamespace);
  if (homeFd < 0) return Failure::now("open", kOwnNamespace).toValue(env);
  const Descriptor home(homeFd);
  // Who is root in a user namespace alone may leave, and not come back.
  if (!isInNamespace(netns->fd()) && (setns(home.fd(), CLONE_NEWNET) != 0 || setns(netns->fd(), CLONE_NEWNET) != 0))
    return Failure::now("setns").toValue(env);
  workersOf(env).holdThreads(true);
  napi_value value;
  const napi_status status = napi_call_function(env, env.Global(), info[1], 0, nullptr, &value);
  if (!isInNamespace(home.fd()) && setns(home.fd(), CLONE_NEWNET) != 0) std::abort();
  workersOf(env).holdThreads(false);
  if (status != napi_ok) throw Napi::Error::New(env);
  auto result = Napi::Object::New(env);
  result.Set("value", Napi::Value(env, value));
  return result;
}

}  // namespace

void registerNetns(Napi::Env env, Napi::Object exports) {
  exports.Set("createNamespace", Napi::Function::New(env, createNamespace, "createNamespace"));
  exports.Set("openNamespace", Napi::Function::New(env, openNamespace, "openNamespace"));
  exports.Set("duplicateNamespace", Napi::Function::New(env, duplicateNamespace, "duplicateNamespace"));
  exports.Set("unpinNamespace", Napi::Function::New(env, unpinNamespace, "unpinNamespace"));
  exports.Set("currentNamespace", Napi::Function::New(env, currentNamespace, "currentNamespace"));
  exports.Set("namespaceInode", Napi::Function::New(env, namespaceInode, "namespaceInode"));
  exports.Set("runInNamespace", Napi::Function::New(env, runInNamespace, "runInNamespace"));
}

}  // namespace netprim
