// The C library's own names and texts of errors; libuv's list lacks some that netlink uses (EXFULL, ERESTART).
#include <cstdlib>
#include <cstring>

#include "codec.h"

namespace netprim {

namespace {

Napi::Value describeErrno(const Napi::CallbackInfo& info) {
  const int number = std::abs(info[0].As<Napi::Number>().Int32Value());
  auto description = Napi::Object::New(info.Env());
  const char* name = strerrorname_np(number);
  description.Set("code", name != nullptr ? std::string(name) : "E" + std::to_string(number));
  description.Set("text", std::string(strerror(number)));
  return description;
}

}  // namespace

void registerErrno(Napi::Env env, Napi::Object exports) {
  exports.Set("describeErrno", Napi::Function::New(env, describeErrno, "describeErrno"));
}

}  // namespace netprim
