// Network namespaces: made, pinned, opened and entered, off the JavaScript thread (network_namespaces(7), setns(2)).
#pragma once

#include <functional>

#include "descriptor.h"
#include "failure.h"

namespace netprim {

// Runs `action` with a thread inside the namespace: the calling one, if it may come back from there, or one that ends.
// Already inside: the calling thread stays, which needs no privilege.
MaybeFailure inNamespace(int netnsFd, const std::function<MaybeFailure()>& action);

void registerNetns(Napi::Env env, Napi::Object exports);

}  // namespace netprim
