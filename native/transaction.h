// One exchange with the kernel: messages out in one datagram, and what the kernel said to each of them.
#pragma once

#include <linux/netlink.h>

#include <atomic>
#include <set>
#include <string>
#include <vector>

#include "descriptor.h"
#include "outcome.h"

namespace netprim {

class Transaction {
 public:
  // Of a batch no acknowledgements are asked for: whatever the kernel does not refuse has been done. A dump is received
  // piece by piece.
  enum class Kind { list, batch, dump };

  Transaction(SharedDescriptor socket, Kind kind, std::string datagram);

  // Both halves one after the other: the kernel has queued every answer when it returns from the first. Of a dump it
  // goes on with the next piece if there has been one; behind the last, there is nothing.
  Outcome exchange();

  // The same by two threads, for the deletion of links: the kernel tells everybody of it (RTNLGRP_LINK) when nobody
  // finds them any more, and returns from sendmsg some 20 ms later, when nothing refers to them.
  void sendDeletion();
  Outcome receiveDeletion(std::set<int> links);

  const Descriptor* socket() const { return socket_.get(); }
  bool isDump() const { return kind_ == Kind::dump; }
  bool isLong() const { return isDump() || datagram_.size() > kShort; }

 private:
  // Bytes that the kernel takes less than 0.1 ms for: a question's, an address's, a route's. A link has more.
  static constexpr size_t kShort = 64;

  struct Answer {
    bool given = false;
    Refusal refusal;  // none if the number is 0
  };

  void stampSequences();
  void send();
  void hearOfLinks(int option);
  MaybeFailure receive();
  void takeDatagram(std::string_view bytes);
  void takeMessage(const nlmsghdr* message);
  void takeAnswer(Answer& answer, int number, const nlmsghdr* message, size_t attributesAt);
  void takeReply(uint32_t request, const nlmsghdr* message);
  bool complete() const;
  bool enough() const;
  Outcome outcome(MaybeFailure failure);
  std::vector<Refusal> refusals(bool unfinished) const;

  SharedDescriptor socket_;
  Kind kind_;
  std::string datagram_;
  std::vector<Answer> answers_;
  std::string replies_;
  std::vector<uint32_t> replyEnds_;
  size_t objects_ = 0;  // that these tell of, about
  uint32_t firstSequence_ = 0;
  size_t unanswered_ = 0;
  bool interrupted_ = false;
  bool overrun_ = false;
  bool drained_ = false;  // there is nothing more to receive
  // Links whose deletion has not been told of; whether that is all there was to hear.
  std::set<int> leaving_;
  bool told_ = false;
  MaybeFailure sendFailure_;
  std::atomic<bool> sent_ = false;
};

}  // namespace netprim
