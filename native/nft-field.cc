// The walkers over tables of libnftnl attributes; pure.
#include "nft-field.h"

#include <linux/netfilter/nf_tables.h>

#include <cstring>
#include <stdexcept>

namespace netprim {

namespace {

constexpr uint64_t kMaxSafeInteger = (1ULL << 53) - 1;
constexpr uint32_t kSlotsInRegister = NFT_REG_SIZE / NFT_REG32_SIZE;
constexpr uint32_t kSlots = NFT_REG32_15 - NFT_REG32_00 + 1;

template <typename Number>
Number numberFrom(std::string_view bytes) {
  Number number = 0;
  if (bytes.size() >= sizeof number) std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

uint64_t u64Of(const Napi::Value& value) {
  if (value.IsNumber()) return static_cast<uint64_t>(value.As<Napi::Number>().Int64Value());
  bool lossless;
  return value.As<Napi::BigInt>().Uint64Value(&lossless);
}

Napi::Value u64Value(Napi::Env env, uint64_t number) {
  if (number <= kMaxSafeInteger) return Napi::Number::New(env, static_cast<double>(number));
  return Napi::BigInt::New(env, number);
}

// The kernel names a register of 128 bits by its own number where a slot begins one, and says so when it is asked.
uint32_t registerOf(const Napi::Value& value) {
  if (value.IsString()) return NFT_REG_VERDICT;
  const uint32_t slot = value.As<Napi::Number>();
  if (slot >= kSlots) throw std::out_of_range("nftables has 16 registers of 32 bits");
  return slot % kSlotsInRegister == 0 ? NFT_REG_1 + slot / kSlotsInRegister : NFT_REG32_00 + slot;
}

Napi::Value slotValue(Napi::Env env, uint32_t number) {
  if (number == NFT_REG_VERDICT) return Napi::String::New(env, "verdict");
  return Napi::Number::New(env,
                           number < NFT_REG32_00 ? (number - NFT_REG_1) * kSlotsInRegister : number - NFT_REG32_00);
}

template <typename Number>
void setNumber(const NftObject& object, const NftField& field, Number number) {
  object.set(object.object, field.attribute, &number, sizeof number);
}

void setBytes(const NftObject& object, const NftField& field, const void* data, size_t length) {
  if (length > field.limit) throw std::length_error(std::string("nftables field too long: ") + field.name);
  object.set(object.object, field.attribute, data, static_cast<uint32_t>(length));
}

void setStrings(const NftObject& object, const NftField& field, const Napi::Array& list) {
  std::vector<std::string> texts;
  for (uint32_t i = 0; i < list.Length(); i++) texts.push_back(list.Get(i).As<Napi::String>());
  std::vector<const char*> pointers;
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  pointers.push_back(nullptr);
  object.set(object.object, field.attribute, pointers.data(), 0);
}

void encodeField(const NftObject& object, const Napi::Value& value, const NftField& field) {
  switch (field.form) {
    case NftForm::u8: return setNumber(object, field, static_cast<uint8_t>(numberOf(value, field.names)));
    case NftForm::u16: return setNumber(object, field, static_cast<uint16_t>(numberOf(value, field.names)));
    case NftForm::u32: return setNumber(object, field, numberOf(value, field.names));
    case NftForm::s32: return setNumber(object, field, value.As<Napi::Number>().Int32Value());
    case NftForm::u64: return setNumber(object, field, u64Of(value));
    case NftForm::slot: return setNumber(object, field, registerOf(value));
    case NftForm::flags: return setNumber(object, field, flagsOf(value, field.names));
    case NftForm::strings: return setStrings(object, field, value.As<Napi::Array>());
    case NftForm::string: {
      const std::string text = value.As<Napi::String>();
      return setBytes(object, field, text.c_str(), text.size() + 1);
    }
    case NftForm::bytes: {
      const std::string_view bytes = bytesOf(value);
      return setBytes(object, field, bytes.data(), bytes.size());
    }
    case NftForm::userdata: return;
  }
}

Napi::Value decodeField(Napi::Env env, const void* data, std::string_view bytes, const NftField& field) {
  switch (field.form) {
    case NftForm::u8: return nameOf(env, numberFrom<uint8_t>(bytes), field.names);
    case NftForm::u16: return nameOf(env, numberFrom<uint16_t>(bytes), field.names);
    case NftForm::u32: return nameOf(env, numberFrom<uint32_t>(bytes), field.names);
    case NftForm::s32: return Napi::Number::New(env, numberFrom<int32_t>(bytes));
    case NftForm::u64: return u64Value(env, numberFrom<uint64_t>(bytes));
    case NftForm::slot: return slotValue(env, numberFrom<uint32_t>(bytes));
    case NftForm::flags: return flagNames(env, numberFrom<uint32_t>(bytes), field.names);
    case NftForm::string: return Napi::String::New(env, static_cast<const char*>(data));
    case NftForm::bytes: return Napi::Buffer<char>::Copy(env, bytes.data(), bytes.size());
    case NftForm::strings: {
      auto list = Napi::Array::New(env);
      for (auto* text = static_cast<const char* const*>(data); *text != nullptr; text++) {
        list.Set(list.Length(), Napi::String::New(env, *text));
      }
      return list;
    }
    case NftForm::userdata: break;
  }
  return env.Undefined();
}

}  // namespace

void encodeFields(const NftObject& object, const Napi::Object& record, NftFields fields) {
  for (const NftField& field : fields) {
    if (field.form == NftForm::userdata) {
      const std::string bytes = encodeUserdata(record, field.inside);
      if (!bytes.empty()) setBytes(object, field, bytes.data(), bytes.size());
      continue;
    }
    const Napi::Value value = record.Get(field.name);
    if (!value.IsUndefined()) encodeField(object, value, field);
  }
}

void decodeFields(Napi::Object record, const NftObject& object, NftFields fields) {
  for (const NftField& field : fields) {
    if (!object.isSet(object.object, field.attribute)) continue;
    uint32_t length = 0;
    const void* data = object.get(object.object, field.attribute, &length);
    if (data == nullptr) continue;
    const std::string_view bytes(static_cast<const char*>(data), length);
    if (field.form == NftForm::userdata) {
      decodeUserdata(record, bytes, field.inside);
    } else {
      record.Set(field.name, decodeField(record.Env(), data, bytes, field));
    }
  }
}

std::string encodeUserdata(const Napi::Object& record, NftFields fields) {
  std::string bytes;
  for (const NftField& field : fields) {
    const Napi::Value value = record.Get(field.name);
    if (value.IsUndefined()) continue;
    std::string payload;
    if (field.form == NftForm::string) {
      const std::string text = value.As<Napi::String>();
      payload.assign(text.c_str(), text.size() + 1);
    } else {
      // In the machine's own byte order, as nft has it.
      const uint32_t number = numberOf(value, field.names);
      payload.assign(reinterpret_cast<const char*>(&number), sizeof number);
    }
    if (payload.size() > field.limit)
      throw std::length_error(std::string("nftables user data too long: ") + field.name);
    bytes.push_back(static_cast<char>(field.attribute));
    bytes.push_back(static_cast<char>(payload.size()));
    bytes += payload;
  }
  return bytes;
}

void decodeUserdata(Napi::Object record, std::string_view bytes, NftFields fields) {
  while (bytes.size() >= 2) {
    const auto type = static_cast<uint8_t>(bytes[0]);
    const auto length = static_cast<uint8_t>(bytes[1]);
    if (bytes.size() < 2U + length) return;
    const std::string_view payload = bytes.substr(2, length);
    for (const NftField& field : fields) {
      if (field.attribute != type) continue;
      if (field.form == NftForm::string) {
        record.Set(field.name, Napi::String::New(record.Env(), std::string(payload.substr(0, payload.find('\0')))));
      } else if (payload.size() == sizeof(uint32_t)) {
        record.Set(field.name, nameOf(record.Env(), numberFrom<uint32_t>(payload), field.names));
      }
    }
    bytes.remove_prefix(2U + length);
  }
}

}  // namespace netprim
