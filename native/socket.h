// Netlink sockets: opened inside a namespace to which they belong for ever, and used for one transaction at a time
// (netlink(7)).
#pragma once

#include <napi.h>

namespace netprim {

void registerSocket(Napi::Env env, Napi::Object exports);

}  // namespace netprim
