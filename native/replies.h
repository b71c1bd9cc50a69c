// Where JavaScript reads what the kernel replied.
#pragma once

#include <napi.h>

#include <string_view>

namespace netprim {

// Short replies lie one behind the other in one piece of JavaScript's memory, as small Buffers of Node's do: to make a
// piece for each takes as long as to read a link from it.
class Replies {
 public:
  Napi::Value add(Napi::Env env, std::string_view bytes);

 private:
  Napi::Reference<Napi::ArrayBuffer> piece_;
  size_t used_ = 0;
};

// Those of this environment, made by the addon's initialisation.
Replies& repliesOf(Napi::Env env);

}  // namespace netprim
