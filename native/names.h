// Words for the kernel's numbers, as the records of JavaScript have them.
#pragma once

#include <napi.h>

#include <cstdint>
#include <span>
#include <string>

namespace netprim {

struct NamedNumber {
  const char* name;
  uint32_t number;
};
using Names = std::span<const NamedNumber>;

// The number for a word of the table, or the number itself; throws for a word that is not in it.
uint32_t numberOf(const Napi::Value& value, Names names);
// The word for a number, or the number itself if it has none.
Napi::Value nameOf(Napi::Env env, uint32_t number, Names names);
uint32_t flagsOf(const Napi::Value& words, Names names);
Napi::Value flagNames(Napi::Env env, uint32_t flags, Names names);

// Reading of optional members of a record: absent gives the default.
uint32_t numberIn(const Napi::Object& record, const char* name, uint32_t otherwise = 0, Names names = {});
std::string stringIn(const Napi::Object& record, const char* name);

}  // namespace netprim
