// Tables of attributes: one row says an attribute's name, number and form, and serves encoder, decoder and error path
// alike.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "message.h"

namespace netprim {

// How an attribute's payload is written, and what it is in a record.
enum class Form : uint8_t {
  u8,       // number
  u16,      // number
  u32,      // number
  s32,      // number
  u64,      // bigint
  be16,     // number, network byte order on the wire
  be32,     // number, network byte order on the wire
  flag8,    // boolean in one byte
  flags32,  // an array of the words whose bits are set
  mac,      // '02:00:…', a link-layer address of any length
  ip,       // '10.0.0.1' or 'fe80::1', by its length
  ip4,      // the same, where IPv6 has an attribute of its own
  ip6,      // and that one
  string,   // text with a closing NUL
  nested,   // a record of its own, or, if the row has no name, a part of the record that encloses it
  strings,  // an array of text: each attribute inside the nest is one
  byHand,   // read and written by the codec itself; here for its name
};

enum class Access : uint8_t { both, read, write };

struct NamedNumber {
  const char* name;
  uint32_t number;
};
using Names = std::span<const NamedNumber>;

struct Attribute;
using Attributes = std::span<const Attribute>;

struct Attribute {
  const char* name;
  uint16_t type;
  Form form;
  Access access = Access::both;
  // The words for the values of a number; a value without a word stays a number.
  Names names = {};
  // For `nested`: the rows inside. The record that encloses it is asked for its kind where that decides.
  Attributes (*inside)(std::string_view kind) = nullptr;
  // For `nested`: a fixed header before the rows inside (as in VETH_INFO_PEER), filled from and read into the record.
  size_t headerSize = 0;
  void (*putHeader)(Message&, const Napi::Object&) = nullptr;
};

void encodeAttributes(Message& message, const Napi::Object& record, Attributes rows);
void decodeAttributes(Napi::Object record, AttributeRange range, Attributes rows);

// The option that the attribute at `offset` bytes from the message's start was made from, as 'mtu' or 'peer.mtu'; empty
// if none.
std::string attributePath(const nlmsghdr* message, size_t headerSize, Attributes rows, size_t offset);

// The number for a word of the table, or the number itself; throws for a word that is not in it.
uint32_t numberOf(const Napi::Value& value, Names names);
Napi::Value nameOf(Napi::Env env, uint32_t number, Names names);
uint32_t flagsOf(const Napi::Value& words, Names names);
Napi::Value flagNames(Napi::Env env, uint32_t flags, Names names);

// Reading of optional members of a record: absent gives the default.
uint32_t numberIn(const Napi::Object& record, const char* name, uint32_t otherwise = 0, Names names = {});
bool booleanIn(const Napi::Object& record, const char* name);
std::string stringIn(const Napi::Object& record, const char* name);

// Addresses as text and as bytes in network order. The text has been validated; the length tells the family.
std::string ipBytes(const std::string& text);
std::string ipText(std::string_view bytes);

}  // namespace netprim
