// The addon's table of contents: what it exports, and the state that one JavaScript environment has.
#include <napi.h>

#include "codec.h"
#include "descriptor.h"
#include "netns.h"
#include "replies.h"
#include "socket.h"
#include "sysctl.h"
#include "tour.h"
#include "workers.h"

namespace netprim {

namespace {

struct AddonData {
  explicit AddonData(Napi::Env env) : workers(env) {}
  Workers workers;
  Replies replies;
};

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  auto* data = new AddonData(env);
  env.SetInstanceData(data);
  // Runs before the environment goes, which waits for it.
  const auto end = [](napi_async_cleanup_hook_handle hook, void* own) {
    Workers& workers = static_cast<AddonData*>(own)->workers;
    workers.stop();
    workers.close([hook] { napi_remove_async_cleanup_hook(hook); });
  };
  if (napi_add_async_cleanup_hook(env, end, data, nullptr) != napi_ok) throw Napi::Error::New(env);
  registerDescriptor(env, exports);
  registerNetns(env, exports);
  registerSocket(env, exports);
  registerSysctl(env, exports);
  registerTour(env, exports);
  registerTables(env, exports);
  registerNftSymbols(env, exports);
  registerErrno(env, exports);
  return exports;
}

}  // namespace

Workers& workersOf(Napi::Env env) { return env.GetInstanceData<AddonData>()->workers; }
Replies& repliesOf(Napi::Env env) { return env.GetInstanceData<AddonData>()->replies; }

NODE_API_MODULE(netprim, initialise)

}  // namespace netprim
