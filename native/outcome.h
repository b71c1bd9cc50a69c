// What the kernel said to the messages of one datagram.
#pragma once

#include <napi.h>

#include <string>
#include <vector>

#include "failure.h"

namespace netprim {

struct Refusal {
  size_t request = 0;        // index of the message
  int number = 0;            // a negative errno
  std::string message;       // NLMSGERR_ATTR_MSG
  uint32_t offset = 0;       // NLMSGERR_ATTR_OFFS, from the start of its message; 0 if the kernel pointed nowhere
  uint32_t missingType = 0;  // NLMSGERR_ATTR_MISS_TYPE
};

struct Outcome {
  MaybeFailure failure;  // of the datagram as a whole
  std::vector<Refusal> refusals;
  // Replies to all messages, in their order, and where those to each of them end.
  std::string replies;
  std::vector<uint32_t> replyEnds;
  bool toOne = false;        // message
  bool interrupted = false;  // what was dumped changed meanwhile
  bool unfinished = false;   // there is more of the dump

  Napi::Value toValue(Napi::Env env) const;
};

}  // namespace netprim
