// Addon: one native thread that does nothing, to which the JavaScript thread can send a promise to have it settled.
#include <node_api.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace {

// Never destroyed: the thread waits for it until the process has ended.
std::mutex& mutex = *new std::mutex;
std::condition_variable& wake = *new std::condition_variable;
std::deque<napi_deferred>& waiting = *new std::deque<napi_deferred>;
napi_threadsafe_function back;

[[noreturn]] void work() {
  while (true) {
    napi_deferred deferred;
    {
      std::unique_lock lock(mutex);
      wake.wait(lock, [] { return !waiting.empty(); });
      deferred = waiting.front();
      waiting.pop_front();
    }
    napi_call_threadsafe_function(back, deferred, napi_tsfn_nonblocking);
  }
}

void settle(napi_env env, napi_value, void*, void* deferred) {
  if (env == nullptr) return;
  napi_value value;
  napi_get_boolean(env, true, &value);
  napi_resolve_deferred(env, static_cast<napi_deferred>(deferred), value);
}

// roundTrip(): a promise that the other thread has had in its hands.
napi_value roundTrip(napi_env env, napi_callback_info) {
  napi_deferred deferred;
  napi_value promise;
  napi_create_promise(env, &deferred, &promise);
  {
    const std::lock_guard lock(mutex);
    waiting.push_back(deferred);
  }
  wake.notify_one();
  return promise;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value name;
  napi_create_string_utf8(env, "round trip", NAPI_AUTO_LENGTH, &name);
  napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, nullptr, settle, &back);
  std::thread(work).detach();
  napi_value function;
  napi_create_function(env, "roundTrip", NAPI_AUTO_LENGTH, roundTrip, nullptr, &function);
  napi_set_named_property(env, exports, "roundTrip", function);
  return exports;
}
