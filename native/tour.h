// Settings and messages for several namespaces, by one thread.
#pragma once

#include <napi.h>

namespace netprim {

void registerTour(Napi::Env env, Napi::Object exports);

}  // namespace netprim
