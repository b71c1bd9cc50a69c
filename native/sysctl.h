// Files below /proc/sys/net, which show the namespace of the thread that opens them (sysctl(8)).
#pragma once

#include <napi.h>

#include <optional>
#include <string>
#include <vector>

#include "descriptor.h"
#include "failure.h"

namespace netprim {

struct SysctlAccess {
  std::string path;
  std::optional<std::string> write;
  std::string read;  // if nothing is to be written
};

// Accesses to settings of one namespace, in their order, up to the first that fails.
class SysctlVisit {
 public:
  // From an array of { path, value }, without a value where it is to be read.
  SysctlVisit(SharedDescriptor netns, const Napi::Array& accesses);

  // NB: for a worker alone.
  MaybeFailure run();
  // The same for who is in the namespace. Where `leavesOut`, what there is no file of is left out.
  MaybeFailure perform(bool leavesOut);

  const std::vector<SysctlAccess>& accesses() const { return accesses_; }

 private:
  SharedDescriptor netns_;
  std::vector<SysctlAccess> accesses_;
};

void registerSysctl(Napi::Env env, Napi::Object exports);

}  // namespace netprim
