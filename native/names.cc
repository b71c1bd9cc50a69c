// The way between words and numbers; pure.
#include "names.h"

#include <stdexcept>

namespace netprim {

uint32_t numberOf(const Napi::Value& value, Names names) {
  if (value.IsNumber()) return value.As<Napi::Number>().Uint32Value();
  if (value.IsBoolean()) return value.As<Napi::Boolean>().Value() ? 1 : 0;
  const std::string word = value.As<Napi::String>();
  for (const NamedNumber& entry : names) {
    if (word == entry.name) return entry.number;
  }
  throw std::invalid_argument("no kernel number for '" + word + "'");
}

Napi::Value nameOf(Napi::Env env, uint32_t number, Names names) {
  for (const NamedNumber& entry : names) {
    if (entry.number == number) return Napi::String::New(env, entry.name);
  }
  return Napi::Number::New(env, number);
}

uint32_t flagsOf(const Napi::Value& words, Names names) {
  const auto list = words.As<Napi::Array>();
  uint32_t flags = 0;
  for (uint32_t i = 0; i < list.Length(); i++) flags |= numberOf(list.Get(i), names);
  return flags;
}

Napi::Value flagNames(Napi::Env env, uint32_t flags, Names names) {
  auto words = Napi::Array::New(env);
  for (const NamedNumber& entry : names) {
    if ((flags & entry.number) != 0) words.Set(words.Length(), entry.name);
  }
  return words;
}

uint32_t numberIn(const Napi::Object& record, const char* name, uint32_t otherwise, Names names) {
  const Napi::Value value = record.Get(name);
  return value.IsUndefined() ? otherwise : numberOf(value, names);
}

std::string stringIn(const Napi::Object& record, const char* name) {
  const Napi::Value value = record.Get(name);
  return value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
}

}  // namespace netprim
