// The frame around every codec: one record in, one message out, and back.
#include "codec.h"

namespace netprim {

void exportEncoder(Napi::Env env, Napi::Object exports, const char* name, void (*encode)(Message&, const Napi::Object&),
                   uint16_t type, uint16_t flags) {
  exports.Set(name,
              Napi::Function::New(
                  env,
                  [encode, type, flags](const Napi::CallbackInfo& info) -> Napi::Value {
                    return guarded(info.Env(), [&] {
                      Message message(type, flags | NLM_F_REQUEST);
                      encode(message, info[0].As<Napi::Object>());
                      return message.toValue(info.Env());
                    });
                  },
                  name));
}

void exportDecoder(Napi::Env env, Napi::Object exports, const char* name, void (*decode)(Napi::Object, const nlmsghdr*),
                   uint16_t type) {
  exports.Set(name,
              Napi::Function::New(
                  env,
                  [decode, type](const Napi::CallbackInfo& info) -> Napi::Value {
                    auto records = Napi::Array::New(info.Env());
                    return guarded(info.Env(), [&]() -> Napi::Value {
                      forEachMessage(Messages(info[0]), [&](const nlmsghdr* message) {
                        if (message->nlmsg_type != type) return;
                        Napi::HandleScope scope(info.Env());
                        auto record = Napi::Object::New(info.Env());
                        decode(record, message);
                        records.Set(records.Length(), record);
                      });
                      return records;
                    });
                  },
                  name));
}

}  // namespace netprim
