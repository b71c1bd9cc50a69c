// Opening of netlink sockets, and the way of a transaction from JavaScript to a worker.
#include "socket.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include "message.h"
#include "netns.h"
#include "transaction.h"

namespace netprim {

namespace {

// Answers of one datagram must fit until sendmsg returns; the default of 208 KiB holds no more than 250 of them.
constexpr int kReceiveRoom = 4 * 1024 * 1024;

MaybeFailure setOption(int fd, int option) {
  const int on = 1;
  if (setsockopt(fd, SOL_NETLINK, option, &on, sizeof on) != 0) return Failure::now("setsockopt");
  return {};
}

// The forced form passes net.core.{r,w}mem_max, but needs CAP_NET_ADMIN in the initial user namespace.
void setRoom(int fd, int option, int forcedOption, int bytes) {
  if (setsockopt(fd, SOL_SOCKET, forcedOption, &bytes, sizeof bytes) != 0)
    setsockopt(fd, SOL_SOCKET, option, &bytes, sizeof bytes);
}

class OpenSocket : public Job {
 public:
  OpenSocket(SharedDescriptor netns, int protocol) : netns_(std::move(netns)), protocol_(protocol) {}

  void run() override {
    failure_ = inNamespace(netns_->fd(), [this] { return open(); });
  }

  Napi::Value result(Napi::Env env) override {
    return failure_ ? failure_->toValue(env) : toHandle(env, std::move(descriptor_));
  }

 private:
  MaybeFailure open() {
    const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol_);
    if (fd < 0) return Failure::now("socket");
    descriptor_ = std::make_shared<Descriptor>(fd);
    sockaddr_nl kernelChooses = {};
    kernelChooses.nl_family = AF_NETLINK;
    if (bind(fd, reinterpret_cast<sockaddr*>(&kernelChooses), sizeof kernelChooses) != 0) return Failure::now("bind");
    for (const int option : {NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK}) {
      MaybeFailure failure = setOption(fd, option);
      if (failure) return failure;
    }
    setRoom(fd, SO_RCVBUF, SO_RCVBUFFORCE, kReceiveRoom);
    return {};
  }

  SharedDescriptor netns_;
  int protocol_;
  SharedDescriptor descriptor_;
  MaybeFailure failure_;
};

int protocolOf(const Napi::Value& name) {
  return name.As<Napi::String>().Utf8Value() == "netfilter" ? NETLINK_NETFILTER : NETLINK_ROUTE;
}

Napi::Value openSocket(const Napi::CallbackInfo& info) {
  auto job = std::make_unique<OpenSocket>(fromHandle(info[0]), protocolOf(info[1]));
  return workersOf(info.Env()).submit(info.Env(), std::move(job));
}

// transact(handle, 'list' | 'batch', [bytes, …]): every element is one or more whole messages.
Napi::Value transact(const Napi::CallbackInfo& info) {
  const bool batch = info[1].As<Napi::String>().Utf8Value() == "batch";
  const auto parts = info[2].As<Napi::Array>();
  std::string datagram;
  for (uint32_t i = 0; i < parts.Length(); i++) {
    const Napi::HandleScope scope(info.Env());
    datagram.append(bytesOf(parts.Get(i)));
  }
  const SharedDescriptor socket = fromHandle(info[0]);
  // One batch is one datagram; it must fit the socket's send buffer whole.
  const int room = static_cast<int>(datagram.size()) + 4096;
  if (room > 200 * 1024) setRoom(socket->fd(), SO_SNDBUF, SO_SNDBUFFORCE, room);
  const auto kind = batch ? Transaction::Kind::batch : Transaction::Kind::list;
  auto job = std::make_unique<Transaction>(socket, kind, std::move(datagram));
  return workersOf(info.Env()).submit(info.Env(), std::move(job));
}

}  // namespace

void registerSocket(Napi::Env env, Napi::Object exports) {
  exports.Set("openSocket", Napi::Function::New(env, openSocket, "openSocket"));
  exports.Set("transact", Napi::Function::New(env, transact, "transact"));
}

}  // namespace netprim
