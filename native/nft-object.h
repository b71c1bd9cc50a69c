// Tables, chains, rules and sets of nftables, between plain records and what stands in a message behind nfgenmsg.
#pragma once

#include "nft-field.h"

namespace netprim {

// One kind of object: how its record is written into, and read from, messages about it.
struct NftKind {
  void (*encode)(Message& message, const Napi::Object& record);
  void (*decode)(Napi::Object record, const nlmsghdr* message);
};

extern const NftKind kNftTable;
extern const NftKind kNftChain;
extern const NftKind kNftRule;
extern const NftKind kNftSet;
extern const NftKind kNftElements;
extern const NftKind kNftGeneration;

// The header and the fixed part of a message of nftables: { family, flags }.
Message nftMessage(uint16_t type, const Napi::Object& record);
uint8_t nftFamilyOf(const nlmsghdr* message);

// Elements of one set, as columns; as many messages as they need, for an attribute ends at 64 KiB.
Napi::Value encodeNftElements(Napi::Env env, uint16_t type, const Napi::Object& record);

// Throws what tells the caller that libnftnl could not read a message.
[[noreturn]] void throwUnreadable(const nlmsghdr* message);

}  // namespace netprim
