// Tables of libnftnl attributes: one row says a field's name, number and form, and serves encoder and decoder alike.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "message.h"
#include "names.h"

namespace netprim {

// What a field is in a record, and its type inside libnftnl.
enum class NftForm : uint8_t {
  u8,        // number or word
  u16,       // number or word
  u32,       // number or word
  s32,       // number
  u64,       // number, or bigint beyond 2⁵³
  slot,      // number of a 32-bit register, or 'verdict'
  flags,     // array of the words whose bits are set
  string,    // text
  strings,   // array of text
  bytes,     // Uint8Array
  userdata,  // fields of the record itself, kept by the kernel for user space
};

struct NftField;
using NftFields = std::span<const NftField>;

struct NftField {
  const char* name;
  uint16_t attribute;
  NftForm form;
  Names names = {};
  // Longest value in bytes: libnftnl copies whatever it is given into buffers of a fixed size.
  size_t limit = 256;
  NftFields inside = {};
};

// Any of libnftnl's objects, seen through the attribute functions that all kinds of them have.
struct NftObject {
  void* object;
  bool (*isSet)(const void* object, uint16_t attribute);
  void (*set)(void* object, uint16_t attribute, const void* data, uint32_t length);
  const void* (*get)(const void* object, uint16_t attribute, uint32_t* length);
};

template <auto isSet, auto set, auto get, typename Object>
NftObject viewOf(Object* object) {
  return {
      object,
      [](const void* any, uint16_t attribute) { return isSet(static_cast<const Object*>(any), attribute); },
      [](void* any, uint16_t attribute, const void* data, uint32_t length) {
        set(static_cast<Object*>(any), attribute, data, length);
      },
      [](const void* any, uint16_t attribute, uint32_t* length) -> const void* {
        return get(const_cast<Object*>(static_cast<const Object*>(any)), attribute, length);
      },
  };
}

void encodeFields(const NftObject& object, const Napi::Object& record, NftFields fields);
void decodeFields(Napi::Object record, const NftObject& object, NftFields fields);

// User data: a list of type, length, value, each of the first two in one byte.
std::string encodeUserdata(const Napi::Object& record, NftFields fields);
void decodeUserdata(Napi::Object record, std::string_view bytes, NftFields fields);

template <auto release>
struct Release {
  template <typename Object>
  void operator()(Object* object) const {
    release(object);
  }
};
template <typename Object, auto release>
using Owned = std::unique_ptr<Object, Release<release>>;

}  // namespace netprim
