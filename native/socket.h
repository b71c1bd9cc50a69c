// Netlink sockets: opened inside a namespace to which they belong for ever, and used for one transaction at a time
// (netlink(7)).
#pragma once

#include <napi.h>

#include "descriptor.h"
#include "failure.h"

namespace netprim {

// Opens `socket` in the namespace that the calling thread is in; NETLINK_ROUTE or NETLINK_NETFILTER.
MaybeFailure openNetlink(int protocol, SharedDescriptor& socket);

void registerSocket(Napi::Env env, Napi::Object exports);

}  // namespace netprim
