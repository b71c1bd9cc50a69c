// A handle of libuv's, and the scopes that N-API wants around what is called from it.
#include "signal.h"

namespace netprim {

namespace {

struct Closing {
  std::unique_ptr<uv_async_t> async;
  std::function<void()> closed;
};

uv_loop_t* loopOf(Napi::Env env) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) throw Napi::Error::New(env);
  return loop;
}

}  // namespace

Signal::Signal(Napi::Env env, const char* name, std::function<void()> act)
    : env_(env), context_(std::in_place, env, name), act_(std::move(act)) {
  auto async = std::make_unique<uv_async_t>();
  const auto callback = [](uv_async_t* sent) { static_cast<Signal*>(sent->data)->act_(); };
  const int result = uv_async_init(loopOf(env), async.get(), callback);
  if (result != 0) throw Napi::Error::New(env, uv_strerror(result));
  async->data = this;
  async_ = async.release();
  unref();
}

void Signal::enter(const std::function<void(Napi::Env)>& call) {
  const Napi::HandleScope handles(env_);
  const Napi::CallbackScope callback(env_, *context_);
  call(env_);
}

void Signal::close(std::function<void()> closed) {
  context_.reset();
  async_->data = new Closing{std::unique_ptr<uv_async_t>(async_), std::move(closed)};
  uv_close(handle(), [](uv_handle_t* handle) {
    const std::unique_ptr<Closing> closing(static_cast<Closing*>(handle->data));
    closing->closed();
  });
}

}  // namespace netprim
