// Tables, chains and sets of nftables, one row a field.
#include "nft-object.h"

#include <libnftnl/chain.h>
#include <libnftnl/gen.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_arp.h>
#include <linux/netfilter_bridge.h>

#include <stdexcept>

#include "nft-expression.h"
#include "nft-names.h"

namespace netprim {

namespace {

// Fixed parts, names and flags of an object stay far below this; what may be longer is added by its kind.
constexpr size_t kObjectSize = 8192;
// libnftnl writes one byte behind the lengths of the fields if they fill its array of sixteen.
constexpr size_t kConcatLimit = NFT_REG32_COUNT - 1;
// NFT_SET_EXPR_MAX of net/netfilter/nf_tables_api.c.
constexpr uint32_t kMaxSetExpressions = 2;

constexpr NamedNumber kTableFlags[] = {{"dormant", NFT_TABLE_F_DORMANT}, {"owner", NFT_TABLE_F_OWNER}};
constexpr NftField kTableUserdata[] = {{"comment", NFTNL_UDATA_TABLE_COMMENT, NftForm::string}};
constexpr NftField kTable[] = {
    {"table", NFTNL_TABLE_NAME, NftForm::string},
    {"tableFlags", NFTNL_TABLE_FLAGS, NftForm::flags, kTableFlags},
    {"handle", NFTNL_TABLE_HANDLE, NftForm::u64},
    {"", NFTNL_TABLE_USERDATA, NftForm::userdata, {}, 256, kTableUserdata},
};

constexpr NamedNumber kInetHooks[] = {
    {"prerouting", NF_INET_PRE_ROUTING},
    {"input", NF_INET_LOCAL_IN},
    {"forward", NF_INET_FORWARD},
    {"output", NF_INET_LOCAL_OUT},
    {"postrouting", NF_INET_POST_ROUTING},
    {"ingress", NF_INET_INGRESS},
};
constexpr NamedNumber kArpHooks[] = {{"input", NF_ARP_IN}, {"output", NF_ARP_OUT}, {"forward", NF_ARP_FORWARD}};
constexpr NamedNumber kBridgeHooks[] = {
    {"prerouting", NF_BR_PRE_ROUTING},
    {"input", NF_BR_LOCAL_IN},
    {"forward", NF_BR_FORWARD},
    {"output", NF_BR_LOCAL_OUT},
    {"postrouting", NF_BR_POST_ROUTING},
};
constexpr NamedNumber kNetdevHooks[] = {{"ingress", NF_NETDEV_INGRESS}, {"egress", NF_NETDEV_EGRESS}};

constexpr NftField kInetHook[] = {{"hook", NFTNL_CHAIN_HOOKNUM, NftForm::u32, kInetHooks}};
constexpr NftField kArpHook[] = {{"hook", NFTNL_CHAIN_HOOKNUM, NftForm::u32, kArpHooks}};
constexpr NftField kBridgeHook[] = {{"hook", NFTNL_CHAIN_HOOKNUM, NftForm::u32, kBridgeHooks}};
constexpr NftField kNetdevHook[] = {{"hook", NFTNL_CHAIN_HOOKNUM, NftForm::u32, kNetdevHooks}};

NftFields hookField(uint8_t family) {
  switch (family) {
    case NFPROTO_ARP: return kArpHook;
    case NFPROTO_BRIDGE: return kBridgeHook;
    case NFPROTO_NETDEV: return kNetdevHook;
    default: return kInetHook;
  }
}

constexpr NamedNumber kPolicies[] = {{"drop", NF_DROP}, {"accept", NF_ACCEPT}};
constexpr NftField kChainUserdata[] = {{"comment", NFTNL_UDATA_CHAIN_COMMENT, NftForm::string}};
constexpr NftField kChain[] = {
    {"table", NFTNL_CHAIN_TABLE, NftForm::string},
    {"chain", NFTNL_CHAIN_NAME, NftForm::string},
    {"type", NFTNL_CHAIN_TYPE, NftForm::string},
    {"prio", NFTNL_CHAIN_PRIO, NftForm::s32},
    {"policy", NFTNL_CHAIN_POLICY, NftForm::u32, kPolicies},
    {"dev", NFTNL_CHAIN_DEV, NftForm::string},
    {"devices", NFTNL_CHAIN_DEVICES, NftForm::strings},
    {"handle", NFTNL_CHAIN_HANDLE, NftForm::u64},
    {"", NFTNL_CHAIN_USERDATA, NftForm::userdata, {}, 256, kChainUserdata},
};

constexpr NamedNumber kSetFlags[] = {
    {"anonymous", NFT_SET_ANONYMOUS},
    {"constant", NFT_SET_CONSTANT},
    {"interval", NFT_SET_INTERVAL},
    {"map", NFT_SET_MAP},
    {"timeout", NFT_SET_TIMEOUT},
    {"dynamic", NFT_SET_EVAL},
    {"object", NFT_SET_OBJECT},
    {"concat", NFT_SET_CONCAT},
    {"expr", NFT_SET_EXPR},
};
constexpr NamedNumber kSetPolicies[] = {{"performance", NFT_SET_POL_PERFORMANCE}, {"memory", NFT_SET_POL_MEMORY}};
// nft's own numbers (enum byteorder in its datatype.h); without these it shows integers of such sets the wrong way
// round.
constexpr NamedNumber kByteorders[] = {{"host", 1}, {"network", 2}};
// All other types of values are numbers that only user space understands.
constexpr NamedNumber kDataTypes[] = {{"verdict", NFT_DATA_VERDICT}};
// What a map of objects names, as nft calls it.
constexpr NamedNumber kObjectTypes[] = {
    {"counter", NFT_OBJECT_COUNTER},
    {"quota", NFT_OBJECT_QUOTA},
    {"ct helper", NFT_OBJECT_CT_HELPER},
    {"limit", NFT_OBJECT_LIMIT},
    {"ct timeout", NFT_OBJECT_CT_TIMEOUT},
    {"secmark", NFT_OBJECT_SECMARK},
    {"ct expectation", NFT_OBJECT_CT_EXPECT},
    {"synproxy", NFT_OBJECT_SYNPROXY},
};
constexpr NftField kSetUserdata[] = {
    {"keyByteorder", NFTNL_UDATA_SET_KEYBYTEORDER, NftForm::u32, kByteorders},
    {"dataByteorder", NFTNL_UDATA_SET_DATABYTEORDER, NftForm::u32, kByteorders},
    {"autoMerge", NFTNL_UDATA_SET_MERGE_ELEMENTS, NftForm::u32},
    {"dataInterval", NFTNL_UDATA_SET_DATA_INTERVAL, NftForm::u32},
    {"comment", NFTNL_UDATA_SET_COMMENT, NftForm::string},
};
constexpr NftField kSet[] = {
    {"table", NFTNL_SET_TABLE, NftForm::string},
    {"set", NFTNL_SET_NAME, NftForm::string},
    {"setFlags", NFTNL_SET_FLAGS, NftForm::flags, kSetFlags},
    {"keyType", NFTNL_SET_KEY_TYPE, NftForm::u32},
    {"keyLength", NFTNL_SET_KEY_LEN, NftForm::u32},
    {"dataType", NFTNL_SET_DATA_TYPE, NftForm::u32, kDataTypes},
    {"dataLength", NFTNL_SET_DATA_LEN, NftForm::u32},
    {"objectType", NFTNL_SET_OBJ_TYPE, NftForm::u32, kObjectTypes},
    {"setId", NFTNL_SET_ID, NftForm::u32},
    {"policy", NFTNL_SET_POLICY, NftForm::u32, kSetPolicies},
    {"size", NFTNL_SET_DESC_SIZE, NftForm::u32},
    {"fieldLengths", NFTNL_SET_DESC_CONCAT, NftForm::bytes, {}, kConcatLimit},
    {"timeout", NFTNL_SET_TIMEOUT, NftForm::u64},
    {"gcInterval", NFTNL_SET_GC_INTERVAL, NftForm::u32},
    {"handle", NFTNL_SET_HANDLE, NftForm::u64},
    {"", NFTNL_SET_USERDATA, NftForm::userdata, {}, 256, kSetUserdata},
};

constexpr NftField kGeneration[] = {{"generation", NFTNL_GEN_ID, NftForm::u32}};

NftObject viewOfTable(nftnl_table* table) {
  return viewOf<nftnl_table_is_set, nftnl_table_set_data, nftnl_table_get_data>(table);
}
NftObject viewOfChain(nftnl_chain* chain) {
  return viewOf<nftnl_chain_is_set, nftnl_chain_set_data, nftnl_chain_get_data>(chain);
}
NftObject viewOfSet(nftnl_set* set) { return viewOf<nftnl_set_is_set, nftnl_set_set_data, nftnl_set_get_data>(set); }
NftObject viewOfGeneration(nftnl_gen* generation) {
  return viewOf<nftnl_gen_is_set, nftnl_gen_set_data, nftnl_gen_get_data>(generation);
}

using Table = Owned<nftnl_table, nftnl_table_free>;
using Chain = Owned<nftnl_chain, nftnl_chain_free>;
using Set = Owned<nftnl_set, nftnl_set_free>;
using Generation = Owned<nftnl_gen, nftnl_gen_free>;

void encodeTable(Message& message, const Napi::Object& record) {
  const Table table(nftnl_table_alloc());
  encodeFields(viewOfTable(table.get()), record, kTable);
  nftnl_table_nlmsg_build_payload(message.reserve(kObjectSize), table.get());
}

void decodeTable(Napi::Object record, const nlmsghdr* message) {
  const Table table(nftnl_table_alloc());
  if (nftnl_table_nlmsg_parse(message, table.get()) < 0) throwUnreadable(message);
  decodeFields(record, viewOfTable(table.get()), kTable);
}

void encodeChain(Message& message, const Napi::Object& record) {
  const Chain chain(nftnl_chain_alloc());
  encodeFields(viewOfChain(chain.get()), record, kChain);
  encodeFields(viewOfChain(chain.get()), record, hookField(nftFamilyOf(message.get())));
  const Napi::Value devices = record.Get("devices");
  const size_t count = devices.IsArray() ? devices.As<Napi::Array>().Length() : 0;
  nftnl_chain_nlmsg_build_payload(message.reserve(kObjectSize + count * 2 * NFT_NAME_MAXLEN), chain.get());
}

void decodeChain(Napi::Object record, const nlmsghdr* message) {
  const Chain chain(nftnl_chain_alloc());
  if (nftnl_chain_nlmsg_parse(message, chain.get()) < 0) throwUnreadable(message);
  decodeFields(record, viewOfChain(chain.get()), kChain);
  decodeFields(record, viewOfChain(chain.get()), hookField(nftFamilyOf(message)));
}

void encodeSet(Message& message, const Napi::Object& record) {
  const Set set(nftnl_set_alloc());
  encodeFields(viewOfSet(set.get()), record, kSet);
  const Napi::Value expressions = record.Get("expressions");
  if (expressions.IsArray()) {
    const auto list = expressions.As<Napi::Array>();
    if (list.Length() > kMaxSetExpressions) throw std::length_error("a set has at most two expressions");
    for (uint32_t i = 0; i < list.Length(); i++) {
      nftnl_set_add_expr(set.get(), encodeExpression(list.Get(i).As<Napi::Object>()).release());
    }
  }
  nftnl_set_nlmsg_build_payload(message.reserve(kObjectSize), set.get());
}

void decodeSet(Napi::Object record, const nlmsghdr* message) {
  const Set set(nftnl_set_alloc());
  const auto attributes = AttributeRange::after(message, sizeof(nfgenmsg));
  if (!areReadable(attributes, NFTA_SET_EXPRESSIONS, NFTA_SET_EXPR) || nftnl_set_nlmsg_parse(message, set.get()) < 0) {
    throwUnreadable(message);
  }
  decodeFields(record, viewOfSet(set.get()), kSet);
  auto expressions = Napi::Array::New(record.Env());
  nftnl_set_expr_foreach(set.get(), appendNftExpression, &expressions);
  record.Set("expressions", expressions);
}

void encodeGeneration(Message&, const Napi::Object&) {}

void decodeGeneration(Napi::Object record, const nlmsghdr* message) {
  const Generation generation(nftnl_gen_alloc());
  if (nftnl_gen_nlmsg_parse(message, generation.get()) < 0) throwUnreadable(message);
  decodeFields(record, viewOfGeneration(generation.get()), kGeneration);
}

}  // namespace

const NftKind kNftTable = {encodeTable, decodeTable};
const NftKind kNftChain = {encodeChain, decodeChain};
const NftKind kNftSet = {encodeSet, decodeSet};
const NftKind kNftGeneration = {encodeGeneration, decodeGeneration};

void throwUnreadable(const nlmsghdr* message) {
  throw std::runtime_error("libnftnl cannot read a message of type " + std::to_string(message->nlmsg_type & 0xff));
}

}  // namespace netprim
