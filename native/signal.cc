// Handles of libuv's, and the scopes that N-API wants around what is called from them.
#include "signal.h"

#include <memory>
#include <utility>

namespace netprim {

namespace {

constexpr uint64_t kPeriodMilliseconds = 1;

uv_loop_t* loopOf(Napi::Env env) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) throw Napi::Error::New(env);
  return loop;
}

}  // namespace

Signal::Signal(Napi::Env env, const char* name, std::function<void()> act)
    : env_(env), context_(std::in_place, env, name), act_(std::move(act)) {
  uv_loop_t* const loop = loopOf(env);
  auto handles = std::make_unique<Handles>();
  const int result = uv_async_init(loop, &handles->async, [](uv_async_t* async) {
    auto* self = static_cast<Signal*>(async->data);
    self->waits_ = false;
    self->act_();
  });
  if (result != 0) throw Napi::Error::New(env, uv_strerror(result));
  handles_ = handles.release();
  uv_timer_init(loop, &handles_->timer);
  uv_prepare_init(loop, &handles_->prepare);
  uv_check_init(loop, &handles_->check);
  adopt(&handles_->async);
  adopt(&handles_->timer);
  adopt(&handles_->prepare);
  adopt(&handles_->check);
  uv_prepare_start(&handles_->prepare,
                   [](uv_prepare_t* prepare) { static_cast<Signal*>(prepare->data)->waits_ = true; });
  uv_check_start(&handles_->check, [](uv_check_t* check) { static_cast<Signal*>(check->data)->waits_ = false; });
}

void Signal::repeat(bool repeats) {
  const auto act = [](uv_timer_t* timer) { static_cast<Signal*>(timer->data)->act_(); };
  if (repeats) {
    uv_timer_start(&handles_->timer, act, kPeriodMilliseconds, kPeriodMilliseconds);
  } else {
    uv_timer_stop(&handles_->timer);
  }
}

template <typename Handle>
void Signal::adopt(Handle* handle) {
  handle->data = this;
  handles_->open++;
  uv_unref(asHandle(handle));
}

void Signal::enter(const std::function<void(Napi::Env)>& call) {
  const Napi::HandleScope handles(env_);
  const Napi::CallbackScope callback(env_, *context_);
  call(env_);
}

void Signal::close(std::function<void()> closed) {
  context_.reset();
  handles_->closed = std::move(closed);
  for (uv_handle_t* handle : {asHandle(&handles_->async),
                              asHandle(&handles_->timer),
                              asHandle(&handles_->prepare),
                              asHandle(&handles_->check)}) {
    handle->data = handles_;
    uv_close(handle, letGo);
  }
}

void Signal::letGo(uv_handle_t* handle) {
  auto* handles = static_cast<Handles*>(handle->data);
  if (--handles->open > 0) return;
  handles->closed();
  delete handles;
}

}  // namespace netprim
