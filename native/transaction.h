// One exchange with the kernel: messages out in one datagram, and what the kernel said to each of them.
#pragma once

#include <linux/netlink.h>
#include <napi.h>

#include <string>
#include <vector>

#include "descriptor.h"
#include "failure.h"
#include "workers.h"

namespace netprim {

class Transaction : public Job {
 public:
  // A batch (nfnetlink) gets no acknowledgements: whatever the kernel does not refuse has been done.
  enum class Kind { list, batch };

  Transaction(SharedDescriptor socket, Kind kind, std::string datagram);
  void run() override;
  Napi::Value result(Napi::Env env) override;

 private:
  struct Answer {
    bool given = false;
    int number = 0;            // 0 or a negative errno
    std::string message;       // NLMSGERR_ATTR_MSG
    uint32_t offset = 0;       // NLMSGERR_ATTR_OFFS, from the start of its message; 0 if the kernel pointed nowhere
    uint32_t missingType = 0;  // NLMSGERR_ATTR_MISS_TYPE
  };
  struct Reply {
    uint32_t request;
    std::string bytes;
  };

  void stampSequences();
  MaybeFailure send();
  MaybeFailure receive();
  void takeDatagram(const char* bytes, size_t length);
  void takeMessage(const nlmsghdr* message);
  void takeAnswer(Answer& answer, int number, const nlmsghdr* message, size_t attributesAt);
  bool complete() const;

  SharedDescriptor socket_;
  Kind kind_;
  std::string datagram_;
  std::vector<Answer> answers_;
  std::vector<Reply> replies_;
  uint32_t firstSequence_ = 0;
  size_t unanswered_ = 0;
  bool interrupted_ = false;
  bool overrun_ = false;
  MaybeFailure failure_;
};

}  // namespace netprim
