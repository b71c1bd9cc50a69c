// The kernel works inside sendmsg(2) and has queued every answer when it returns, so receiving never waits.
#include "transaction.h"

#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <atomic>
#include <cstring>

#include "message.h"

namespace netprim {

namespace {

// Dumps come in datagrams of at most 32 KiB unless one object alone is larger.
constexpr size_t kReceiveBuffer = 256 * 1024;

// Never repeated within four thousand million messages, so that nothing late can be taken for an answer.
std::atomic<uint32_t> nextSequence{1};

}  // namespace

Transaction::Transaction(SharedDescriptor socket, Kind kind, std::string datagram)
    : socket_(std::move(socket)), kind_(kind), datagram_(std::move(datagram)) {}

void Transaction::run() {
  stampSequences();
  failure_ = send();
  if (!failure_) failure_ = receive();
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

MaybeFailure Transaction::send() {
  sockaddr_nl kernel = {};
  kernel.nl_family = AF_NETLINK;
  iovec part = {datagram_.data(), datagram_.size()};
  msghdr header = {};
  header.msg_name = &kernel;
  header.msg_namelen = sizeof kernel;
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  while (sendmsg(socket_->fd(), &header, 0) < 0) {
    if (errno != EINTR) return Failure::now("sendmsg");
  }
  return {};
}

MaybeFailure Transaction::receive() {
  thread_local std::vector<char> buffer(kReceiveBuffer);
  while (!complete()) {
    sockaddr_nl sender = {};
    socklen_t senderLength = sizeof sender;
    const ssize_t length = recvfrom(socket_->fd(),
                                    buffer.data(),
                                    buffer.size(),
                                    MSG_DONTWAIT | MSG_TRUNC,
                                    reinterpret_cast<sockaddr*>(&sender),
                                    &senderLength);
    if (length >= 0) {
      if (static_cast<size_t>(length) > buffer.size()) return Failure{"recvmsg", -EMSGSIZE, {}};
      if (sender.nl_pid == 0) takeDatagram(buffer.data(), static_cast<size_t>(length));
    } else if (errno == ENOBUFS) {
      // Some answer found no room; those that did are still there.
      overrun_ = true;
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {
      return Failure::now("recvmsg");
    }
  }
  return {};
}

bool Transaction::complete() const { return kind_ == Kind::list && unanswered_ == 0; }

void Transaction::takeDatagram(const char* bytes, size_t length) {
  forEachMessage({bytes, length}, [this](const nlmsghdr* message) { takeMessage(message); });
}

void Transaction::takeMessage(const nlmsghdr* message) {
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
    const std::string_view bytes(reinterpret_cast<const char*>(message), MNL_ALIGN(message->nlmsg_len));
    if (replies_.empty() || replies_.back().request != request) replies_.push_back({request, {}});
    replies_.back().bytes.append(bytes);
  }
}

void Transaction::takeAnswer(Answer& answer, int number, const nlmsghdr* message, size_t attributesAt) {
  if (answer.given) return;
  answer.given = true;
  answer.number = number;
  unanswered_--;
  if ((message->nlmsg_flags & NLM_F_ACK_TLVS) == 0) return;
  for (const nlattr& attribute : AttributeRange::after(message, attributesAt)) {
    switch (mnl_attr_get_type(&attribute)) {
      case NLMSGERR_ATTR_MSG:
        answer.message.assign(mnl_attr_get_str(&attribute),
                              strnlen(mnl_attr_get_str(&attribute), mnl_attr_get_payload_len(&attribute)));
        break;
      case NLMSGERR_ATTR_OFFS: answer.offset = mnl_attr_get_u32(&attribute); break;
      case NLMSGERR_ATTR_MISS_TYPE: answer.missingType = mnl_attr_get_u32(&attribute); break;
      default: break;
    }
  }
}

Napi::Value Transaction::result(Napi::Env env) {
  if (failure_) return failure_->toValue(env);
  // Of a batch nothing is heard when it was done; an answer that was lost might have been a refusal.
  if (kind_ == Kind::batch && overrun_ && unanswered_ == answers_.size())
    return Failure{"recvmsg", -ENOBUFS, {}}.toValue(env);
  auto value = Napi::Object::New(env);
  auto refusals = Napi::Array::New(env);
  for (size_t i = 0; i < answers_.size(); i++) {
    const Answer& answer = answers_[i];
    int number = answer.number;
    if (!answer.given && kind_ == Kind::list) number = overrun_ ? -ENOBUFS : -EPROTO;
    if (number == 0) continue;
    auto refusal = Napi::Object::New(env);
    refusal.Set("request", static_cast<uint32_t>(i));
    refusal.Set("errno", number);
    if (!answer.message.empty()) refusal.Set("message", answer.message);
    if (answer.offset != 0) refusal.Set("offset", answer.offset);
    if (answer.missingType != 0) refusal.Set("missingType", answer.missingType);
    refusals.Set(refusals.Length(), refusal);
  }
  auto replies = Napi::Array::New(env);
  for (const Reply& reply : replies_) {
    replies.Set(reply.request, Napi::Buffer<char>::Copy(env, reply.bytes.data(), reply.bytes.size()));
  }
  value.Set("refusals", refusals);
  value.Set("replies", replies);
  value.Set("interrupted", interrupted_);
  return value;
}

}  // namespace netprim
