// Addon: one native thread, to which the JavaScript thread can send a promise to have it settled; at once, or when it
// has read a link by its index. The least that takes by N-API's own means, without checks, records or errors.
#include <linux/rtnetlink.h>
#include <node_api.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace {

struct Trip {
  napi_deferred deferred;
  // Of the link to be read; zero is none.
  int index;
  bool done;
};

// Never destroyed: the thread waits for it until the process has ended.
std::mutex& mutex = *new std::mutex;
std::condition_variable& wake = *new std::condition_variable;
std::deque<Trip*>& waiting = *new std::deque<Trip*>;
napi_threadsafe_function back;
int route = -1;

// The message that netprim sends; it is answered with the link, and with an acknowledgement.
bool readLink(int index) {
  struct {
    nlmsghdr header;
    ifinfomsg link;
    rtattr attribute;
    unsigned mask;
  } message = {};
  message.header = {sizeof message, RTM_GETLINK, NLM_F_REQUEST | NLM_F_ACK, 0, 0};
  message.link.ifi_index = index;
  message.attribute = {RTA_LENGTH(sizeof message.mask), IFLA_EXT_MASK};
  message.mask = RTEXT_FILTER_SKIP_STATS;
  send(route, &message, sizeof message, 0);
  char answer[8192];
  const bool found = recv(route, answer, sizeof answer, MSG_DONTWAIT) > 0 &&
                     reinterpret_cast<const nlmsghdr*>(answer)->nlmsg_type == RTM_NEWLINK;
  recv(route, answer, sizeof answer, MSG_DONTWAIT);
  return found;
}

[[noreturn]] void work() {
  while (true) {
    Trip* trip;
    {
      std::unique_lock lock(mutex);
      wake.wait(lock, [] { return !waiting.empty(); });
      trip = waiting.front();
      waiting.pop_front();
    }
    trip->done = trip->index == 0 || readLink(trip->index);
    napi_call_threadsafe_function(back, trip, napi_tsfn_nonblocking);
  }
}

void settle(napi_env env, napi_value, void*, void* data) {
  auto* trip = static_cast<Trip*>(data);
  if (env != nullptr) {
    napi_value value;
    napi_get_boolean(env, trip->done, &value);
    napi_resolve_deferred(env, trip->deferred, value);
  }
  delete trip;
}

// roundTrip(index): a promise that the other thread has had in its hands.
napi_value roundTrip(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value index;
  napi_get_cb_info(env, info, &count, &index, nullptr, nullptr);
  auto* trip = new Trip{};
  napi_get_value_int32(env, index, &trip->index);
  napi_value promise;
  napi_create_promise(env, &trip->deferred, &promise);
  {
    const std::lock_guard lock(mutex);
    waiting.push_back(trip);
  }
  wake.notify_one();
  return promise;
}

// openSocket(): links will be read in the namespace of the calling thread.
napi_value openSocket(napi_env, napi_callback_info) {
  if (route >= 0) close(route);
  route = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  return nullptr;
}

void add(napi_env env, napi_value exports, const char* name, napi_callback callback) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value name;
  napi_create_string_utf8(env, "round trip", NAPI_AUTO_LENGTH, &name);
  napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, nullptr, settle, &back);
  std::thread(work).detach();
  add(env, exports, "roundTrip", roundTrip);
  add(env, exports, "openSocket", openSocket);
  return exports;
}
