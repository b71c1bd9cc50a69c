// The pure part of the addon, which knows bytes and no kernel to send them to.
#pragma once

#include <napi.h>

namespace netprim {

void registerTables(Napi::Env env, Napi::Object exports);
void registerNftSymbols(Napi::Env env, Napi::Object exports);
void registerErrno(Napi::Env env, Napi::Object exports);

}  // namespace netprim
