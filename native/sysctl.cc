// Reading and writing of settings.
#include "sysctl.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>

#include "proc.h"
#include "visit.h"
#include "workers.h"

namespace netprim {

namespace {

// Most settings are a number; a list of all ports is the longest there is.
constexpr size_t kUsualSysctl = 4096;
constexpr size_t kLongestSysctl = 512 * 1024;

MaybeFailure writeTo(const std::string& path, std::string_view left) {
  const int fd = openBelowProc(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return Failure::now("open", path);
  const Descriptor file(fd);
  // Some files take no more than a page at a time.
  while (!left.empty()) {
    const ssize_t taken = write(fd, left.data(), left.size());
    if (taken < 0) return Failure::now("write", path);
    left.remove_prefix(static_cast<size_t>(taken));
  }
  return {};
}

// In one go: some files give nothing more to a second read.
MaybeFailure readFrom(SysctlAccess& access, size_t room) {
  const int fd = openBelowProc(access.path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Failure::now("open", access.path);
  const Descriptor file(fd);
  access.read.resize(room);
  const ssize_t length = read(fd, access.read.data(), room);
  if (length < 0) return Failure::now("read", access.path);
  access.read.resize(static_cast<size_t>(length));
  return {};
}

MaybeFailure readOrWrite(SysctlAccess& access) {
  if (access.write) return writeTo(access.path, *access.write);
  MaybeFailure failure = readFrom(access, kUsualSysctl);
  if (!failure && access.read.size() == kUsualSysctl) failure = readFrom(access, kLongestSysctl);
  return failure;
}

class AccessSysctls : public Job {
 public:
  explicit AccessSysctls(SysctlVisit visit) : visit_(std::move(visit)) {}

  void run() override { failure_ = visit_.run(); }

  Napi::Value result(Napi::Env env) override {
    if (failure_) return failure_->toValue(env);
    auto values = Napi::Array::New(env);
    for (const SysctlAccess& access : visit_.accesses()) values.Set(values.Length(), access.read);
    return values;
  }

 private:
  SysctlVisit visit_;
  MaybeFailure failure_;
};

// accessSysctls(netns, accesses): resolves with what was read.
Napi::Value accessSysctls(const Napi::CallbackInfo& info) {
  auto job = std::make_unique<AccessSysctls>(SysctlVisit(fromHandle(info[0]), info[1].As<Napi::Array>()));
  return workersOf(info.Env()).submit(info.Env(), std::move(job));
}

}  // namespace

SysctlVisit::SysctlVisit(SharedDescriptor netns, const Napi::Array& accesses) : netns_(std::move(netns)) {
  for (uint32_t i = 0; i < accesses.Length(); i++) {
    const auto entry = accesses.Get(i).As<Napi::Object>();
    SysctlAccess access{entry.Get("path").As<Napi::String>(), {}, {}};
    const Napi::Value value = entry.Get("value");
    if (value.IsString()) access.write = value.As<Napi::String>().Utf8Value();
    accesses_.push_back(std::move(access));
  }
}

MaybeFailure SysctlVisit::run() {
  return inNamespace(netns_->fd(), [this] { return perform(false); });
}

MaybeFailure SysctlVisit::perform(bool leavesOut) {
  for (SysctlAccess& access : accesses_) {
    MaybeFailure failure = readOrWrite(access);
    if (failure && !(leavesOut && failure->number == -ENOENT)) return failure;
  }
  return {};
}

void registerSysctl(Napi::Env env, Napi::Object exports) {
  exports.Set("accessSysctls", Napi::Function::New(env, accessSysctls, "accessSysctls"));
}

}  // namespace netprim
