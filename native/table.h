// Tables of the kernel's objects: one row says an attribute's name, number and form. They cross to JavaScript once,
// where lib/codec walks them in both directions; the kernel's numbers stand nowhere else.
#pragma once

#include <cstddef>

#include "names.h"

namespace netprim {

// How a value is written, and what it is in a record.
enum class Form : uint8_t {
  u8,         // number
  u16,        // number
  u32,        // number
  s32,        // number
  u64,        // bigint
  be16,       // number, network byte order on the wire
  be32,       // number, network byte order on the wire
  be32s,      // the same with a sign
  be64,       // number, or bigint beyond 2⁵³; network byte order on the wire
  flag8,      // boolean in one byte
  flags8,     // an array of the words whose bits are set
  flags32,    // the same
  flagsBe32,  // the same, network byte order on the wire
  slot,       // number of a 32-bit register of nftables, or 'verdict'; network byte order on the wire
  oneLess8,   // number, one less on the wire
  bit,        // boolean: one bit of 32 in a header
  mac,        // '02:00:…', a link-layer address of any length
  ip,         // '10.0.0.1' or 'fe80::1', by its length
  ip4,        // the same, where IPv6 has an attribute of its own
  ip6,        // and that one
  string,     // text with a closing NUL
  bytes,      // Uint8Array
  value,      // Uint8Array, in a nest of its own (NFTA_DATA_VALUE)
  nested,     // a record of its own, or, if the row has no name, a part of the record that encloses it
  structure,  // the same, but only a header without attributes
  userdata,   // a part of the record, for user space alone: type and length in 8 bits each, and the value
  strings,    // an array of text: each attribute inside the nest is one
  records,    // an array of records: each begins with its length in 16 bits
  list,       // an array of records: each attribute inside the nest (NFTA_LIST_ELEM) is one
  only,       // an array of one record, where the kernel has an attribute of its own for one alone
  written,    // Uint8Array: a nest's inside that has been written before
};

enum class Access : uint8_t { both, read, write };

// A member of the structure in front of attributes (ifinfomsg, rtmsg, …); one that no record names is zero.
struct Field {
  const char* name;
  size_t offset;
  Form form;
  Access access = Access::both;
  // The words for the values of a number; a value without a word stays a number.
  Names names = {};
  // For `bit`.
  uint32_t mask = 0;
  // For a `bit` that may be written: where the kernel is told which bits are meant.
  size_t changeOffset = 0;
  // What stands there when a record says nothing, and is not told of when it is read.
  bool allOnesIsAbsent = false;
};

struct Table;

// What is inside a nest, where a member of the enclosing record decides; an empty kind fits any.
struct Inside {
  const char* kind;
  const Table* table;
};

struct Attribute {
  const char* name;
  uint16_t type;
  Form form;
  Access access = Access::both;
  Names names = {};
  std::span<const Inside> inside = {};
  // The member that says which of them it is.
  const char* decider = "kind";
};

struct Table {
  size_t headerSize;
  std::span<const Field> header;
  std::span<const Attribute> attributes;
};

// A message to send.
struct Request {
  const char* name;
  uint16_t type;
  // Beside NLM_F_REQUEST.
  uint16_t flags = 0;
};

// What netprim and the kernel say to one another of one kind of object.
struct KernelObject {
  const char* name;
  const Table& table;
  std::span<const Request> requests;
  // The message type in which the kernel tells of one.
  uint16_t told;
};

extern const KernelObject kLinks;
extern const KernelObject kAddresses;
extern const KernelObject kRoutes;
extern const KernelObject kNeighbours;
extern const KernelObject kConntrack;
extern const KernelObject kNftTables;
extern const KernelObject kNftChains;
extern const KernelObject kNftRules;
extern const KernelObject kNftSets;
extern const KernelObject kNftElements;
extern const KernelObject kNftGenerations;
extern const KernelObject kNftBatches;

}  // namespace netprim
