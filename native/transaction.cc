// The kernel works inside sendmsg(2) and has queued every answer when it returns, so receiving never waits.
#include "transaction.h"

#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "message.h"
#include "room.h"

namespace netprim {

namespace {

// Dumps come in datagrams of at most 32 KiB unless one object alone is larger.
constexpr size_t kReceiveBuffer = 256 * 1024;
// Answers to a list are two datagrams for each of its messages: to fetch them one by one would take longer than they
// take the kernel to write.
constexpr size_t kAtOnce = 16;

// So many objects of a dump are handed over at once, or a datagram's more: a quarter of a millisecond's work for who
// reads them, or less.
constexpr size_t kPiece = 125;
// A message of more than a page tells of hundreds, of elements of a set, and is a piece by itself.
constexpr size_t kPage = 4096;

// How long a thread that waits for what is told goes without looking whether the sending has failed.
constexpr int kLookMilliseconds = 20;

// Never repeated within four thousand million messages, so that nothing late can be taken for an answer.
std::atomic<uint32_t> nextSequence{1};

// Room for several datagrams; memory that none is received into is never touched.
class Inbox {
 public:
  Inbox() : bytes_(new char[kAtOnce * kReceiveBuffer]) {
    for (size_t i = 0; i < kAtOnce; i++) {
      parts_[i] = {bytes_.get() + i * kReceiveBuffer, kReceiveBuffer};
      headers_[i].msg_hdr.msg_name = &senders_[i];
      headers_[i].msg_hdr.msg_iov = &parts_[i];
      headers_[i].msg_hdr.msg_iovlen = 1;
    }
  }

  // The number of datagrams, or -1 and errno.
  int receive(int fd, size_t most) {
    for (mmsghdr& header : headers_) header.msg_hdr.msg_namelen = sizeof(sockaddr_nl);
    return recvmmsg(fd, headers_, most, MSG_DONTWAIT | MSG_TRUNC, nullptr);
  }
  bool isFromKernel(int at) const { return senders_[at].nl_pid == 0; }
  bool isTruncated(int at) const { return (headers_[at].msg_hdr.msg_flags & MSG_TRUNC) != 0; }
  std::string_view datagram(int at) const {
    return {static_cast<const char*>(parts_[at].iov_base), headers_[at].msg_len};
  }

 private:
  std::unique_ptr<char[]> bytes_;
  mmsghdr headers_[kAtOnce] = {};
  iovec parts_[kAtOnce];
  sockaddr_nl senders_[kAtOnce];
};

}  // namespace

Transaction::Transaction(SharedDescriptor socket, Kind kind, std::string datagram)
    : socket_(std::move(socket)), kind_(kind), datagram_(std::move(datagram)) {
  stampSequences();
}

Outcome Transaction::exchange() {
  if (!sent_) send();
  objects_ = 0;
  return outcome(sendFailure_ ? sendFailure_ : receive());
}

void Transaction::stampSequences() {
  size_t count = 0;
  forEachMessage(datagram_, [&](const nlmsghdr*) { count++; });
  firstSequence_ = nextSequence.fetch_add(static_cast<uint32_t>(count));
  uint32_t sequence = firstSequence_;
  forEachMessage(datagram_, [&](const nlmsghdr* message) { const_cast<nlmsghdr*>(message)->nlmsg_seq = sequence++; });
  answers_.resize(count);
  unanswered_ = count;
}

void Transaction::send() {
  // One batch is one datagram; it must fit the socket's send buffer whole. Not before it is its turn: the next one may
  // want less.
  const int room = static_cast<int>(datagram_.size()) + 4096;
  if (room > 200 * 1024) setRoom(socket_->fd(), SO_SNDBUF, SO_SNDBUFFORCE, room);
  sockaddr_nl kernel = {};
  kernel.nl_family = AF_NETLINK;
  iovec part = {datagram_.data(), datagram_.size()};
  msghdr header = {};
  header.msg_name = &kernel;
  header.msg_namelen = sizeof kernel;
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  while (sendmsg(socket_->fd(), &header, 0) < 0) {
    if (errno == EINTR) continue;
    sendFailure_ = Failure::now("sendmsg");
    break;
  }
  sent_ = true;
}

void Transaction::sendDeletion() {
  hearOfLinks(NETLINK_ADD_MEMBERSHIP);
  send();
  hearOfLinks(NETLINK_DROP_MEMBERSHIP);
}

// Who does not hear waits for the acknowledgement.
void Transaction::hearOfLinks(int option) {
  const int group = RTNLGRP_LINK;
  setsockopt(socket_->fd(), SOL_NETLINK, option, &group, sizeof group);
}

Outcome Transaction::receiveDeletion(std::set<int> links) {
  leaving_ = std::move(links);
  MaybeFailure failure;
  while (!complete() && !failure) {
    // Asked before looking: what was sent has been answered in full.
    const bool sent = sent_;
    pollfd answer = {socket_->fd(), POLLIN, 0};
    if (!sent) poll(&answer, 1, kLookMilliseconds);
    failure = sent && sendFailure_ ? sendFailure_ : receive();
    if (sent) break;
  }
  return outcome(failure);
}

MaybeFailure Transaction::receive() {
  thread_local Inbox inbox;
  while (!complete() && !enough()) {
    const int count = inbox.receive(socket_->fd(), kind_ == Kind::dump ? 1 : kAtOnce);
    for (int i = 0; i < count; i++) {
      if (inbox.isTruncated(i)) return Failure{"recvmsg", -EMSGSIZE, {}};
      if (inbox.isFromKernel(i)) takeDatagram(inbox.datagram(i));
    }
    if (count >= 0) continue;
    if (errno == EAGAIN) {
      drained_ = true;
      break;
    }
    // Some answer found no room; those that did are still there.
    if (errno == ENOBUFS)
      overrun_ = true;
    else if (errno != EINTR)
      return Failure::now("recvmsg");
  }
  return {};
}

bool Transaction::complete() const { return told_ || (kind_ != Kind::batch && unanswered_ == 0); }

bool Transaction::enough() const { return kind_ == Kind::dump && objects_ >= kPiece; }

void Transaction::takeDatagram(std::string_view bytes) {
  forEachMessage(bytes, [this](const nlmsghdr* message) { takeMessage(message); });
}

void Transaction::takeMessage(const nlmsghdr* message) {
  if (message->nlmsg_type == RTM_DELLINK && mnl_nlmsg_get_payload_len(message) >= sizeof(ifinfomsg)) {
    const auto* header = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message));
    // In AF_BRIDGE, only a port has left its bridge.
    const bool isGone = header->ifi_family == AF_UNSPEC;
    if (isGone && leaving_.erase(header->ifi_index) > 0 && leaving_.empty()) told_ = true;
    return;
  }
  const uint32_t request = message->nlmsg_seq - firstSequence_;
  if (request >= answers_.size()) return;
  if ((message->nlmsg_flags & NLM_F_DUMP_INTR) != 0) interrupted_ = true;
  Answer& answer = answers_[request];
  const size_t payload = mnl_nlmsg_get_payload_len(message);
  if (message->nlmsg_type == NLMSG_ERROR && payload >= sizeof(nlmsgerr)) {
    const auto* error = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(message));
    // NETLINK_CAP_ACK leaves out the refused message's payload, but not on kernels that do not know it.
    const bool capped = (message->nlmsg_flags & NLM_F_CAPPED) != 0;
    const size_t refused = capped ? 0 : MNL_ALIGN(error->msg.nlmsg_len) - sizeof(nlmsghdr);
    takeAnswer(answer, error->error, message, sizeof(nlmsgerr) + refused);
  } else if (message->nlmsg_type == NLMSG_DONE) {
    const int number = payload >= sizeof(int) ? *static_cast<const int*>(mnl_nlmsg_get_payload(message)) : 0;
    takeAnswer(answer, number, message, sizeof(int));
  } else {
    takeReply(request, message);
  }
}

// The kernel answers one request after the other.
void Transaction::takeReply(uint32_t request, const nlmsghdr* message) {
  if (request + 1 < replyEnds_.size()) return;
  replyEnds_.resize(request + 1, static_cast<uint32_t>(replies_.size()));
  replies_.append(reinterpret_cast<const char*>(message), MNL_ALIGN(message->nlmsg_len));
  replyEnds_[request] = static_cast<uint32_t>(replies_.size());
  objects_ += message->nlmsg_len > kPage ? kPiece : 1;
}

void Transaction::takeAnswer(Answer& answer, int number, const nlmsghdr* message, size_t attributesAt) {
  if (answer.given) return;
  answer.given = true;
  unanswered_--;
  Refusal& refusal = answer.refusal;
  refusal.number = number;
  if ((message->nlmsg_flags & NLM_F_ACK_TLVS) == 0) return;
  for (const nlattr& attribute : AttributeRange::after(message, attributesAt)) {
    switch (mnl_attr_get_type(&attribute)) {
      case NLMSGERR_ATTR_MSG:
        refusal.message.assign(mnl_attr_get_str(&attribute),
                               strnlen(mnl_attr_get_str(&attribute), mnl_attr_get_payload_len(&attribute)));
        break;
      case NLMSGERR_ATTR_OFFS: refusal.offset = mnl_attr_get_u32(&attribute); break;
      case NLMSGERR_ATTR_MISS_TYPE: refusal.missingType = mnl_attr_get_u32(&attribute); break;
      default: break;
    }
  }
}

Outcome Transaction::outcome(MaybeFailure failure) {
  Outcome outcome;
  // Of a batch nothing is heard when it was done; an answer that was lost might have been a refusal.
  const bool uncertain = kind_ == Kind::batch && overrun_ && unanswered_ == answers_.size();
  outcome.failure = failure || !uncertain ? failure : Failure{"recvmsg", -ENOBUFS, {}};
  outcome.unfinished = kind_ == Kind::dump && unanswered_ > 0 && !drained_ && !failure;
  outcome.refusals = refusals(outcome.unfinished);
  outcome.interrupted = interrupted_;
  outcome.toOne = answers_.size() == 1;
  outcome.replies.swap(replies_);
  outcome.replyEnds.swap(replyEnds_);
  return outcome;
}

std::vector<Refusal> Transaction::refusals(bool unfinished) const {
  std::vector<Refusal> refusals;
  for (size_t request = 0; request < answers_.size(); request++) {
    Refusal refusal = answers_[request].refusal;
    refusal.request = request;
    const bool owed = kind_ != Kind::batch && !unfinished && !told_;
    if (!answers_[request].given && owed) refusal.number = overrun_ ? -ENOBUFS : -EPROTO;
    if (refusal.number != 0) refusals.push_back(std::move(refusal));
  }
  return refusals;
}

}  // namespace netprim
