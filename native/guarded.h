// What a codec throws is a defect of ours, made into a JavaScript error so that it never ends the process.
#pragma once

#include <napi.h>

#include <exception>

namespace netprim {

template <typename Run>
Napi::Value guarded(Napi::Env env, Run run) {
  try {
    return run();
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Napi::Error::New(env, error.what());
  }
}

}  // namespace netprim
