// Handles: plain JavaScript objects, tagged so that nothing else is ever taken for one.
#include "descriptor.h"

namespace netprim {

namespace {

constexpr napi_type_tag kTag = {0x6e65747072696d00, 0x64657363726970ff};

SharedDescriptor& slotOf(const Napi::Value& handle) {
  if (!handle.IsObject() || !handle.As<Napi::Object>().CheckTypeTag(&kTag)) {
    throw Napi::TypeError::New(handle.Env(), "not a netprim handle");
  }
  void* slot = nullptr;
  // Another thread may have begun to end this environment since the tag was looked at, and then nothing is unwrapped.
  if (napi_unwrap(handle.Env(), handle, &slot) != napi_ok || slot == nullptr) throw Napi::Error::New(handle.Env());
  return *static_cast<SharedDescriptor*>(slot);
}

Napi::Value closeHandle(const Napi::CallbackInfo& info) {
  slotOf(info[0]).reset();
  return info.Env().Undefined();
}

Napi::Value handleFd(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), fromHandle(info[0])->fd());
}

}  // namespace

Napi::Value toHandle(Napi::Env env, SharedDescriptor descriptor) {
  auto handle = Napi::Object::New(env);
  handle.TypeTag(&kTag);
  auto* slot = new SharedDescriptor(std::move(descriptor));
  const auto finalize = [](napi_env, void* data, void*) { delete static_cast<SharedDescriptor*>(data); };
  if (napi_wrap(env, handle, slot, finalize, nullptr, nullptr) != napi_ok) {
    delete slot;
    throw Napi::Error::New(env);
  }
  return handle;
}

SharedDescriptor fromHandle(const Napi::Value& handle) {
  SharedDescriptor descriptor = slotOf(handle);
  if (!descriptor) throw Napi::Error::New(handle.Env(), "the netprim handle is closed");
  return descriptor;
}

SharedDescriptor takeFromHandle(const Napi::Value& handle) {
  SharedDescriptor descriptor = fromHandle(handle);
  slotOf(handle).reset();
  return descriptor;
}

void registerDescriptor(Napi::Env env, Napi::Object exports) {
  exports.Set("closeHandle", Napi::Function::New(env, closeHandle, "closeHandle"));
  exports.Set("handleFd", Napi::Function::New(env, handleFd, "handleFd"));
}

}  // namespace netprim
