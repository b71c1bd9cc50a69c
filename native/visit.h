// How a thread goes to another network namespace, and comes back (setns(2)).
#pragma once

#include <functional>

#include "failure.h"

namespace netprim {

// Not /proc/self/ns/net, which is the main thread's.
constexpr char kOwnNamespace[] = "/proc/thread-self/ns/net";

// A descriptor, or -1 and errno. A path that a caller gave may be a FIFO, at which the thread would wait for ever.
int openNamespaceFile(const char* path);

// Whether the calling thread is in this one.
bool isInNamespace(int netnsFd);

// Runs `action`, which may leave the namespace, on a worker: on the calling one, if it may come back to where it was
// born, or on a thread that ends.
MaybeFailure awayFromHome(const std::function<MaybeFailure()>& action);

// Runs `action` with a worker inside the namespace. Born there, it stays, which needs no privilege.
MaybeFailure inNamespace(int netnsFd, const std::function<MaybeFailure()>& action);

}  // namespace netprim
