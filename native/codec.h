// What the codecs of the kernel's objects share: how they register, and how a message finds its attribute table again.
#pragma once

#include "attribute.h"

namespace netprim {

// The message types first…last have this fixed header and these attributes.
struct Layout {
  uint16_t first;
  uint16_t last;
  size_t headerSize;
  Attributes rows;
};

Layout linkLayout();
Layout addressLayout();
Layout routeLayout();
Layout neighbourLayout();

void registerLink(Napi::Env env, Napi::Object exports);
void registerAddress(Napi::Env env, Napi::Object exports);
void registerRoute(Napi::Env env, Napi::Object exports);
void registerNeighbour(Napi::Env env, Napi::Object exports);
void registerNftables(Napi::Env env, Napi::Object exports);
void registerConntrack(Napi::Env env, Napi::Object exports);
void registerErrno(Napi::Env env, Napi::Object exports);

// Exports `name` as a function from one record to the bytes of one message.
void exportEncoder(Napi::Env env, Napi::Object exports, const char* name, void (*encode)(Message&, const Napi::Object&),
                   uint16_t type, uint16_t flags);

// Exports `name` as a function from the bytes of replies to an array of records, one for each message of the given
// type.
void exportDecoder(Napi::Env env, Napi::Object exports, const char* name, void (*decode)(Napi::Object, const nlmsghdr*),
                   uint16_t type);

// Runs a codec; what it throws is a defect of ours, made into a JavaScript error here so that it never ends the
// process.
template <typename Run>
Napi::Value guarded(Napi::Env env, Run run) {
  try {
    return run();
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Napi::Error::New(env, error.what());
  }
}

}  // namespace netprim
