// The addon's table of contents: what it exports, and the state that one JavaScript environment has.
#include <napi.h>

#include "codec.h"
#include "descriptor.h"
#include "netns.h"
#include "socket.h"
#include "workers.h"

namespace netprim {

namespace {

struct AddonData {
  explicit AddonData(Napi::Env env) : workers(env) {}
  Workers workers;
};

// The option of a refused message that the kernel's extended ACK points at.
Napi::Value attributePathAt(const Napi::CallbackInfo& info) {
  const Messages bytes(info[0]);
  const uint32_t offset = info[1].As<Napi::Number>();
  std::string path;
  forEachMessage(bytes, [&](const nlmsghdr* message) {
    for (const Layout& layout : {linkLayout(), addressLayout(), routeLayout(), neighbourLayout()}) {
      if (message->nlmsg_type < layout.first || message->nlmsg_type > layout.last) continue;
      path = attributePath(message, layout.headerSize, layout.rows, offset);
    }
  });
  return Napi::String::New(info.Env(), path);
}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  auto* data = new AddonData(env);
  env.SetInstanceData(data);
  // Runs before the environment goes; the argument is this load's own, for the same pair twice would abort the process.
  env.AddCleanupHook([](AddonData* own) { own->workers.stop(); }, data);
  registerDescriptor(env, exports);
  registerNetns(env, exports);
  registerSocket(env, exports);
  registerLink(env, exports);
  registerAddress(env, exports);
  registerRoute(env, exports);
  registerNeighbour(env, exports);
  registerNftables(env, exports);
  registerConntrack(env, exports);
  registerErrno(env, exports);
  exports.Set("attributePath", Napi::Function::New(env, attributePathAt, "attributePath"));
  return exports;
}

}  // namespace

Workers& workersOf(Napi::Env env) { return env.GetInstanceData<AddonData>()->workers; }

NODE_API_MODULE(netprim, initialise)

}  // namespace netprim
