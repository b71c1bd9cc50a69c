// Netlink sockets: opened inside a namespace to which they belong for ever, and used for one transaction at a time
// (netlink(7)).
#pragma once

#include <napi.h>

#include <variant>

#include "descriptor.h"
#include "failure.h"

namespace netprim {

// A socket of the namespace that the calling thread is in; NETLINK_ROUTE or NETLINK_NETFILTER.
std::variant<SharedDescriptor, Failure> openNetlink(int protocol);

void registerSocket(Napi::Env env, Napi::Object exports);

}  // namespace netprim
