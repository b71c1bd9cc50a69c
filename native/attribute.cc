// The walkers over attribute tables; pure.
#include "attribute.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <cstring>
#include <stdexcept>

namespace netprim {

namespace {

std::string_view payloadOf(const nlattr& attribute) {
  return {static_cast<const char*>(mnl_attr_get_payload(&attribute)), mnl_attr_get_payload_len(&attribute)};
}

template <typename Number>
Number numberFrom(std::string_view payload) {
  Number number;
  std::memcpy(&number, payload.data(), sizeof number);
  return number;
}

std::string_view withoutNul(std::string_view text) { return text.substr(0, text.find('\0')); }

std::string macBytes(const std::string& text) {
  std::string bytes;
  for (size_t at = 0; at < text.size(); at += 3)
    bytes.push_back(static_cast<char>(std::stoi(text.substr(at, 2), nullptr, 16)));
  return bytes;
}

std::string macText(std::string_view bytes) {
  static const char digits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    if (!text.empty()) text.push_back(':');
    text.push_back(digits[(byte >> 4) & 15]);
    text.push_back(digits[byte & 15]);
  }
  return text;
}

std::string kindOf(const Napi::Object& record) { return stringIn(record, "kind"); }

size_t sizeOf(Form form) {
  switch (form) {
    case Form::u8:
    case Form::flag8: return 1;
    case Form::u16:
    case Form::be16: return 2;
    case Form::u32:
    case Form::s32:
    case Form::flags32:
    case Form::be32: return 4;
    case Form::u64: return 8;
    default: return 0;
  }
}

void encodeNested(Message& message, const Napi::Object& enclosing, const Napi::Object& record, const Attribute& row) {
  Nest nest(message, row.type);
  if (row.putHeader != nullptr) row.putHeader(message, record);
  encodeAttributes(message, record, row.inside(kindOf(enclosing)));
}

void encodeValue(Message& message, const Napi::Value& value, const Attribute& row) {
  switch (row.form) {
    case Form::u8: return message.put(row.type, static_cast<uint8_t>(numberOf(value, row.names)));
    case Form::u16: return message.put(row.type, static_cast<uint16_t>(numberOf(value, row.names)));
    case Form::u32: return message.put(row.type, numberOf(value, row.names));
    case Form::s32: return message.put(row.type, value.As<Napi::Number>().Int32Value());
    case Form::be16: return message.put(row.type, htons(static_cast<uint16_t>(numberOf(value, row.names))));
    case Form::be32: return message.put(row.type, htonl(numberOf(value, row.names)));
    case Form::flags32: return message.put(row.type, flagsOf(value, row.names));
    case Form::flag8: return message.put(row.type, static_cast<uint8_t>(value.ToBoolean().Value()));
    case Form::string: return message.putString(row.type, value.As<Napi::String>().Utf8Value());
    case Form::u64: {
      bool lossless;
      return message.put(row.type, value.As<Napi::BigInt>().Uint64Value(&lossless));
    }
    case Form::mac: {
      const std::string bytes = macBytes(value.As<Napi::String>());
      return message.put(row.type, bytes.data(), bytes.size());
    }
    case Form::ip:
    case Form::ip4:
    case Form::ip6: {
      const std::string bytes = ipBytes(value.As<Napi::String>());
      const bool otherFamily = (row.form == Form::ip4 && bytes.size() != sizeof(in_addr)) ||
                               (row.form == Form::ip6 && bytes.size() != sizeof(in6_addr));
      if (!otherFamily) message.put(row.type, bytes.data(), bytes.size());
      return;
    }
    case Form::strings: {
      Nest nest(message, row.type);
      auto list = value.As<Napi::Array>();
      const uint16_t type = row.inside({})[0].type;
      for (uint32_t i = 0; i < list.Length(); i++) message.putString(type, list.Get(i).As<Napi::String>().Utf8Value());
      return;
    }
    case Form::nested:
    case Form::byHand: return;
  }
}

Napi::Value decodeValue(Napi::Env env, std::string_view payload, const Attribute& row) {
  switch (row.form) {
    case Form::u8: return nameOf(env, numberFrom<uint8_t>(payload), row.names);
    case Form::u16: return nameOf(env, numberFrom<uint16_t>(payload), row.names);
    case Form::u32: return nameOf(env, numberFrom<uint32_t>(payload), row.names);
    case Form::s32: return Napi::Number::New(env, numberFrom<int32_t>(payload));
    case Form::be16: return nameOf(env, ntohs(numberFrom<uint16_t>(payload)), row.names);
    case Form::be32: return nameOf(env, ntohl(numberFrom<uint32_t>(payload)), row.names);
    case Form::u64: return Napi::BigInt::New(env, numberFrom<uint64_t>(payload));
    case Form::flags32: return flagNames(env, numberFrom<uint32_t>(payload), row.names);
    case Form::flag8: return Napi::Boolean::New(env, payload[0] != 0);
    case Form::mac: return Napi::String::New(env, macText(payload));
    case Form::ip:
    case Form::ip4:
    case Form::ip6: return Napi::String::New(env, ipText(payload));
    case Form::string: return Napi::String::New(env, std::string(withoutNul(payload)));
    case Form::strings: {
      auto list = Napi::Array::New(env);
      for (const nlattr& one : AttributeRange(payload.data(), payload.size())) {
        list.Set(list.Length(), Napi::String::New(env, std::string(withoutNul(payloadOf(one)))));
      }
      return list;
    }
    case Form::nested:
    case Form::byHand: break;
  }
  return env.Undefined();
}

void decodeNested(Napi::Object record, std::string_view payload, const Attribute& row) {
  if (payload.size() < row.headerSize) return;
  const AttributeRange range(payload.data() + row.headerSize, payload.size() - row.headerSize);
  const Attributes inside = row.inside(kindOf(record));
  if (row.name[0] == '\0') return decodeAttributes(record, range, inside);
  auto part = Napi::Object::New(record.Env());
  decodeAttributes(part, range, inside);
  record.Set(row.name, part);
}

const Attribute* rowFor(Attributes rows, const nlattr& attribute) {
  for (const Attribute& row : rows) {
    if (row.type == mnl_attr_get_type(&attribute)) return &row;
  }
  return nullptr;
}

std::string_view kindIn(AttributeRange range, Attributes rows) {
  for (const nlattr& attribute : range) {
    const Attribute* row = rowFor(rows, attribute);
    if (row != nullptr && std::strcmp(row->name, "kind") == 0) return withoutNul(payloadOf(attribute));
  }
  return {};
}

std::string pathInside(AttributeRange range, Attributes rows, const char* target) {
  for (const nlattr& attribute : range) {
    const auto* at = reinterpret_cast<const char*>(&attribute);
    if (target < at || target >= at + attribute.nla_len) continue;
    const Attribute* row = rowFor(rows, attribute);
    if (row == nullptr) return {};
    const std::string_view payload = payloadOf(attribute);
    if (row->form != Form::nested || target == at || payload.size() < row->headerSize) return row->name;
    const AttributeRange inner(payload.data() + row->headerSize, payload.size() - row->headerSize);
    const std::string rest = pathInside(inner, row->inside(kindIn(range, rows)), target);
    if (row->name[0] == '\0' || rest.empty()) return row->name + rest;
    return std::string(row->name) + "." + rest;
  }
  return {};
}

}  // namespace

void encodeAttributes(Message& message, const Napi::Object& record, Attributes rows) {
  for (const Attribute& row : rows) {
    if (row.access == Access::read || row.form == Form::byHand) continue;
    if (row.name[0] == '\0') {
      encodeNested(message, record, record, row);
      continue;
    }
    const Napi::Value value = record.Get(row.name);
    if (value.IsUndefined()) continue;
    if (row.form == Form::nested) {
      encodeNested(message, record, value.As<Napi::Object>(), row);
    } else {
      encodeValue(message, value, row);
    }
  }
}

void decodeAttributes(Napi::Object record, AttributeRange range, Attributes rows) {
  for (const nlattr& attribute : range) {
    const Attribute* row = rowFor(rows, attribute);
    if (row == nullptr || row->access == Access::write || row->form == Form::byHand) continue;
    const std::string_view payload = payloadOf(attribute);
    if (row->form == Form::nested) {
      decodeNested(record, payload, *row);
    } else if (payload.size() >= sizeOf(row->form)) {
      record.Set(row->name, decodeValue(record.Env(), payload, *row));
    }
  }
}

std::string attributePath(const nlmsghdr* message, size_t headerSize, Attributes rows, size_t offset) {
  if (offset >= message->nlmsg_len) return {};
  return pathInside(AttributeRange::after(message, headerSize), rows, reinterpret_cast<const char*>(message) + offset);
}

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

bool booleanIn(const Napi::Object& record, const char* name) { return record.Get(name).ToBoolean().Value(); }

std::string stringIn(const Napi::Object& record, const char* name) {
  const Napi::Value value = record.Get(name);
  return value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
}

std::string ipBytes(const std::string& text) {
  const bool v6 = text.find(':') != std::string::npos;
  std::string bytes(v6 ? sizeof(in6_addr) : sizeof(in_addr), '\0');
  if (inet_pton(v6 ? AF_INET6 : AF_INET, text.c_str(), bytes.data()) != 1)
    throw std::invalid_argument("no IP address: '" + text + "'");
  return bytes;
}

std::string ipText(std::string_view bytes) {
  char text[INET6_ADDRSTRLEN] = "";
  if (bytes.size() == sizeof(in_addr) || bytes.size() == sizeof(in6_addr)) {
    inet_ntop(bytes.size() == sizeof(in_addr) ? AF_INET : AF_INET6, bytes.data(), text, sizeof text);
  }
  return text;
}

}  // namespace netprim
