// File descriptors that close themselves, and the opaque JavaScript handles that hold them.
#pragma once

#include <napi.h>
#include <unistd.h>

#include <memory>

namespace netprim {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};
using SharedDescriptor = std::shared_ptr<Descriptor>;

// A handle whose descriptor closes when it is collected, or at closeHandle() as soon as no job uses it any more.
Napi::Value toHandle(Napi::Env env, SharedDescriptor descriptor);
// Throws if the value is no open handle.
SharedDescriptor fromHandle(const Napi::Value& handle);
// The same; the handle is closed from now on.
SharedDescriptor takeFromHandle(const Napi::Value& handle);

void registerDescriptor(Napi::Env env, Napi::Object exports);

}  // namespace netprim
