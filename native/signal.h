// How other threads have something done on the JavaScript thread.
#pragma once

#include <napi.h>
#include <uv.h>

#include <atomic>
#include <functional>
#include <optional>

namespace netprim {

// By libuv's own means: N-API's (napi_call_threadsafe_function) holds a mutex while it wakes the JavaScript thread,
// which wants that first of all, and where it runs beside the thread that wakes it, both are switched once more.
class Signal {
 public:
  // `act` is called once for one or several `send`s, and when it is repeated. The program is not kept from ending by
  // it.
  Signal(Napi::Env env, const char* name, std::function<void()> act);
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  // Other threads may call these two.
  void send() { uv_async_send(&handles_->async); }
  // About: that the JavaScript thread has nothing to do, and that to send will wake it.
  bool isWaitedFor() const { return waits_; }

  // Calls `act` every millisecond, until it is to be so no longer.
  void repeat(bool repeats);

  // Calls on the JavaScript thread, from `act`, with what N-API wants to be open meanwhile. What follows from it is
  // done before this returns: promises' reactions, and what waits for the next tick.
  void enter(const std::function<void(Napi::Env)>& call);

  // Whether the program is kept from ending.
  void ref() { uv_ref(asHandle(&handles_->async)); }
  void unref() { uv_unref(asHandle(&handles_->async)); }

  // Nothing is called any more, and `closed` when libuv has let go. To be called before the environment ends, once,
  // when nobody sends any more.
  void close(std::function<void()> closed);

 private:
  struct Handles {
    uv_async_t async;
    uv_timer_t timer;
    uv_prepare_t prepare;  // called before the JavaScript thread waits
    uv_check_t check;      // and after that, when all that came meanwhile has been done
    int open = 0;
    std::function<void()> closed;
  };

  template <typename Handle>
  static uv_handle_t* asHandle(Handle* handle) {
    return reinterpret_cast<uv_handle_t*>(handle);
  }
  template <typename Handle>
  void adopt(Handle* handle);
  static void letGo(uv_handle_t* handle);

  Napi::Env env_;
  std::optional<Napi::AsyncContext> context_;
  std::function<void()> act_;
  std::atomic<bool> waits_ = false;
  Handles* handles_;  // outlive this until libuv has let go of them
};

}  // namespace netprim
