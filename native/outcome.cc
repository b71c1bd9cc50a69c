// What the kernel said, as JavaScript takes it.
#include "outcome.h"

#include <algorithm>

#include "replies.h"

namespace netprim {

namespace {

Napi::Value refusalsToValue(Napi::Env env, const std::vector<Refusal>& refusals) {
  auto list = Napi::Array::New(env);
  for (const Refusal& refusal : refusals) {
    auto value = Napi::Object::New(env);
    value.Set("request", static_cast<uint32_t>(refusal.request));
    value.Set("errno", refusal.number);
    if (!refusal.message.empty()) value.Set("message", refusal.message);
    if (refusal.offset != 0) value.Set("offset", refusal.offset);
    if (refusal.missingType != 0) value.Set("missingType", refusal.missingType);
    list.Set(list.Length(), value);
  }
  return list;
}

}  // namespace

Napi::Value Outcome::toValue(Napi::Env env) const {
  if (failure) return failure->toValue(env);
  const Napi::Value bytes = repliesOf(env).add(env, replies);
  // Most often there is nothing else to say, and each thing that is said costs a crossing.
  if (toOne && refusals.empty() && !interrupted && !unfinished) return bytes;
  auto value = Napi::Object::New(env);
  auto ends = Napi::Uint32Array::New(env, replyEnds.size());
  std::copy(replyEnds.begin(), replyEnds.end(), ends.Data());
  value.Set("refusals", refusalsToValue(env, refusals));
  value.Set("replies", bytes);
  value.Set("replyEnds", ends);
  value.Set("interrupted", interrupted);
  return value;
}

}  // namespace netprim
