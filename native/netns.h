// Network namespaces: made, pinned, opened and entered, each on a thread that ends (network_namespaces(7), setns(2)).
#pragma once

#include <functional>

#include "descriptor.h"
#include "failure.h"

namespace netprim {

// Runs `action` with a thread inside the namespace. It is a fresh thread that ends, for one that had to be led back
// might not arrive. Already inside: the calling thread does it, which needs no privilege.
MaybeFailure inNamespace(int netnsFd, const std::function<MaybeFailure()>& action);

void registerNetns(Napi::Env env, Napi::Object exports);

}  // namespace netprim
