// Opening of netlink sockets, and the way of a transaction from JavaScript to a worker.
#include "socket.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include "message.h"
#include "room.h"
#include "transaction.h"
#include "visit.h"
#include "workers.h"

namespace netprim {

namespace {

// Answers of one datagram must fit until sendmsg returns; the default of 208 KiB holds no more than 250 of them.
constexpr int kReceiveRoom = 4 * 1024 * 1024;

MaybeFailure setOption(int fd, int option) {
  const int on = 1;
  if (setsockopt(fd, SOL_NETLINK, option, &on, sizeof on) != 0) return Failure::now("setsockopt");
  return {};
}

class OpenSocket : public Job {
 public:
  OpenSocket(SharedDescriptor netns, int protocol) : netns_(std::move(netns)), protocol_(protocol) {}

  void run() override {
    failure_ = inNamespace(netns_->fd(), [this] { return openNetlink(protocol_, descriptor_); });
  }

  Napi::Value result(Napi::Env env) override {
    return failure_ ? failure_->toValue(env) : toHandle(env, std::move(descriptor_));
  }

 private:
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

class CloseSocket : public Job {
 public:
  explicit CloseSocket(SharedDescriptor socket) : socket_(std::move(socket)) {}
  void run() override { socket_.reset(); }
  bool onlyWaits() const override { return true; }
  Napi::Value result(Napi::Env env) override { return env.Undefined(); }

 private:
  SharedDescriptor socket_;
};

// closeSocket(handle): as closeHandle(), which for a socket of netfilter would wait for whoever, in the same namespace,
// has a transaction of nftables under way (nft_rcv_nl_event). Nothing may be in flight.
Napi::Value closeSocket(const Napi::CallbackInfo& info) {
  return workersOf(info.Env()).submit(info.Env(), std::make_unique<CloseSocket>(takeFromHandle(info[0])));
}

using SharedTransaction = std::shared_ptr<Transaction>;

class Exchange : public Job {
 public:
  explicit Exchange(SharedTransaction transaction) : transaction_(std::move(transaction)) {}

  void run() override { outcome_ = transaction_->exchange(); }

  const void* subject() const override { return transaction_->socket(); }
  bool isLong() const override { return transaction_->isLong(); }
  // The rest of a dump is asked for when JavaScript has what was before it.
  bool mayBeToldLate() const override { return !transaction_->isDump(); }

  Napi::Value result(Napi::Env env) override {
    const Napi::Value value = outcome_.toValue(env);
    if (outcome_.unfinished) value.As<Napi::Object>().Set("rest", restOf(env));
    return value;
  }

 private:
  Napi::Value restOf(Napi::Env env) {
    auto rest = std::make_unique<SharedTransaction>(transaction_);
    const auto external = Napi::External<SharedTransaction>::New(
        env, rest.get(), [](Napi::Env, SharedTransaction* transaction) { delete transaction; });
    // Not before it is JavaScript's: an environment that is being torn down takes nothing.
    rest.release();
    return external;
  }

  SharedTransaction transaction_;
  Outcome outcome_;
};

class SendDeletion : public Job {
 public:
  explicit SendDeletion(SharedTransaction transaction) : transaction_(std::move(transaction)) {}
  void run() override { transaction_->sendDeletion(); }
  bool onlyWaits() const override { return true; }
  Napi::Value result(Napi::Env env) override { return env.Undefined(); }

 private:
  SharedTransaction transaction_;
};

class ReceiveDeletion : public Job {
 public:
  ReceiveDeletion(SharedTransaction transaction, std::set<int> links)
      : transaction_(std::move(transaction)), links_(std::move(links)) {}
  void run() override { outcome_ = transaction_->receiveDeletion(std::move(links_)); }
  bool onlyWaits() const override { return true; }
  Napi::Value result(Napi::Env env) override { return outcome_.toValue(env); }

 private:
  SharedTransaction transaction_;
  std::set<int> links_;
  Outcome outcome_;
};

SharedTransaction transactionOf(const Napi::Value& handle, Transaction::Kind kind, const Napi::Value& bytes) {
  std::string datagram(bytesOf(bytes));
  return std::make_shared<Transaction>(fromHandle(handle), kind, std::move(datagram));
}

Transaction::Kind kindOf(const std::string& name) {
  if (name == "batch") return Transaction::Kind::batch;
  return name == "dump" ? Transaction::Kind::dump : Transaction::Kind::list;
}

// transact(handle, 'list' | 'batch' | 'dump', datagram, goesOn): resolves with what the kernel said to each message.
Napi::Value transact(const Napi::CallbackInfo& info) {
  const auto kind = kindOf(info[1].As<Napi::String>());
  auto job = std::make_unique<Exchange>(transactionOf(info[0], kind, info[2]));
  const bool works = info[3].As<Napi::Boolean>();
  return workersOf(info.Env()).submit(info.Env(), std::move(job), works ? Workers::Next::work : Workers::Next::wait);
}

// goOn(rest, count): the next pieces of a dump, each when it is there; behind the last, nothing.
Napi::Value goOn(const Napi::CallbackInfo& info) {
  const SharedTransaction& transaction = *info[0].As<Napi::External<SharedTransaction>>().Data();
  std::vector<std::unique_ptr<Job>> jobs(info[1].As<Napi::Number>().Uint32Value());
  for (auto& job : jobs) job = std::make_unique<Exchange>(transaction);
  auto pieces = Napi::Array::New(info.Env());
  for (const Napi::Promise& piece : workersOf(info.Env()).submitAll(info.Env(), std::move(jobs), Workers::Next::work))
    pieces.Set(pieces.Length(), piece);
  return pieces;
}

// deleteLinks(handle, datagram, indexes): what the kernel said, as soon as it has told that these are gone, and the end
// of its work.
Napi::Value deleteLinks(const Napi::CallbackInfo& info) {
  const auto transaction = transactionOf(info[0], Transaction::Kind::list, info[1]);
  const auto list = info[2].As<Napi::Array>();
  std::set<int> links;
  for (uint32_t i = 0; i < list.Length(); i++) links.insert(list.Get(i).As<Napi::Number>().Int32Value());
  auto promises = Napi::Object::New(info.Env());
  // In this order: who receives shall not be first to take the last thread. And both at once: without a thread for the
  // one, the other would wait for ever.
  std::vector<std::unique_ptr<Job>> jobs;
  jobs.push_back(std::make_unique<SendDeletion>(transaction));
  jobs.push_back(std::make_unique<ReceiveDeletion>(transaction, std::move(links)));
  const auto both = workersOf(info.Env()).submitAll(info.Env(), std::move(jobs), Workers::Next::wait);
  promises.Set("ended", both[0]);
  promises.Set("told", both[1]);
  return promises;
}

}  // namespace

MaybeFailure openNetlink(int protocol, SharedDescriptor& socket) {
  const int fd = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
  if (fd < 0) return Failure::now("socket");
  auto descriptor = std::make_shared<Descriptor>(fd);
  sockaddr_nl kernelChooses = {};
  kernelChooses.nl_family = AF_NETLINK;
  if (bind(fd, reinterpret_cast<sockaddr*>(&kernelChooses), sizeof kernelChooses) != 0) return Failure::now("bind");
  for (const int option : {NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK}) {
    MaybeFailure failure = setOption(fd, option);
    if (failure) return failure;
  }
  setRoom(fd, SO_RCVBUF, SO_RCVBUFFORCE, kReceiveRoom);
  socket = std::move(descriptor);
  return {};
}

void registerSocket(Napi::Env env, Napi::Object exports) {
  exports.Set("openSocket", Napi::Function::New(env, openSocket, "openSocket"));
  exports.Set("closeSocket", Napi::Function::New(env, closeSocket, "closeSocket"));
  exports.Set("transact", Napi::Function::New(env, transact, "transact"));
  exports.Set("goOn", Napi::Function::New(env, goOn, "goOn"));
  exports.Set("deleteLinks", Napi::Function::New(env, deleteLinks, "deleteLinks"));
}

}  // namespace netprim
