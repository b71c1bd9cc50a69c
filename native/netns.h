// Network namespaces: made, pinned, opened and entered, off the JavaScript thread (network_namespaces(7)).
#pragma once

#include <napi.h>

namespace netprim {

void registerNetns(Napi::Env env, Napi::Object exports);

}  // namespace netprim
