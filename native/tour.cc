// A tour of namespaces: at each stop settings are written and a datagram is sent, over a socket of the tour's own. Who
// waited for each stop in JavaScript would wait for two threads to be woken each time.
#include "tour.h"

#include <linux/netlink.h>

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "descriptor.h"
#include "message.h"
#include "outcome.h"
#include "socket.h"
#include "sysctl.h"
#include "transaction.h"
#include "visit.h"
#include "workers.h"

namespace netprim {

namespace {

struct Stop {
  SharedDescriptor netns;
  SysctlVisit settings;
  std::string datagram;
};

class Tour : public Job {
 public:
  explicit Tour(std::vector<Stop> stops) : stops_(std::move(stops)) {}

  void run() override {
    for (Stop& stop : stops_) {
      outcomes_.push_back(call(stop));
      if (outcomes_.back().failure || !outcomes_.back().refusals.empty()) return;
    }
  }

  Napi::Value result(Napi::Env env) override {
    auto answers = Napi::Array::New(env);
    for (const Outcome& outcome : outcomes_) answers.Set(answers.Length(), outcome.toValue(env));
    return answers;
  }

 private:
  Outcome call(Stop& stop) {
    SharedDescriptor& socket = sockets_[stop.netns.get()];
    if (socket == nullptr || !stop.settings.accesses().empty()) {
      Outcome outcome;
      outcome.failure = inNamespace(stop.netns->fd(), [&] { return prepare(stop, socket); });
      if (outcome.failure) return outcome;
    }
    return Transaction(socket, Transaction::Kind::list, std::move(stop.datagram)).exchange();
  }

  static MaybeFailure prepare(Stop& stop, SharedDescriptor& socket) {
    MaybeFailure failure = stop.settings.perform(true);
    return failure || socket != nullptr ? failure : openNetlink(NETLINK_ROUTE, socket);
  }

  std::vector<Stop> stops_;
  std::vector<Outcome> outcomes_;
  std::map<const Descriptor*, SharedDescriptor> sockets_;  // of each namespace
};

// tour([{ netns, settings, datagram }]): resolves with what the kernel said at each stop, up to the first where it
// refused something.
Napi::Value tour(const Napi::CallbackInfo& info) {
  const auto list = info[0].As<Napi::Array>();
  std::vector<Stop> stops;
  for (uint32_t i = 0; i < list.Length(); i++) {
    const auto stop = list.Get(i).As<Napi::Object>();
    const SharedDescriptor netns = fromHandle(stop.Get("netns"));
    SysctlVisit settings(netns, stop.Get("settings").As<Napi::Array>());
    stops.push_back({netns, std::move(settings), std::string(bytesOf(stop.Get("datagram")))});
  }
  return workersOf(info.Env()).submit(info.Env(), std::make_unique<Tour>(std::move(stops)));
}

}  // namespace

void registerTour(Napi::Env env, Napi::Object exports) { exports.Set("tour", Napi::Function::New(env, tour, "tour")); }

}  // namespace netprim
