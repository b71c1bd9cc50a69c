// What a system call refused, as plain data; JavaScript makes the error from it.
#pragma once

#include <napi.h>

#include <cerrno>
#include <optional>
#include <string>

namespace netprim {

struct Failure {
  const char* syscall;
  int number;  // negative, as in Node's own system errors
  std::string path;

  static Failure now(const char* syscall, std::string path = {}) { return {syscall, -errno, std::move(path)}; }

  Napi::Value toValue(Napi::Env env) const {
    auto value = Napi::Object::New(env);
    value.Set("syscall", syscall);
    value.Set("errno", number);
    if (!path.empty()) value.Set("path", path);
    return value;
  }
};

using MaybeFailure = std::optional<Failure>;

}  // namespace netprim
