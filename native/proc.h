// Files of /proc/sys, quick to find however many namespaces there are.
#pragma once

#include <string>

namespace netprim {

// As open(2), for a path below /proc: what it shows is the namespace of the calling thread.
int openBelowProc(const std::string& path, int flags);

}  // namespace netprim
