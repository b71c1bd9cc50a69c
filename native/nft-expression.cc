// The expressions of nftables (linux/netfilter/nf_tables.h): what each carries, one row a field.
#include "nft-expression.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter/nf_log.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>

#include <stdexcept>

#include "nft-names.h"

namespace netprim {

namespace {

// The size of nftables' sixteen registers, and of libnftnl's buffer for a value.
constexpr size_t kValueLimit = 64;

constexpr NamedNumber kMetaKeys[] = {
    {"length", NFT_META_LEN},
    {"protocol", NFT_META_PROTOCOL},
    {"priority", NFT_META_PRIORITY},
    {"mark", NFT_META_MARK},
    {"iif", NFT_META_IIF},
    {"oif", NFT_META_OIF},
    {"iifname", NFT_META_IIFNAME},
    {"oifname", NFT_META_OIFNAME},
    {"iiftype", NFT_META_IIFTYPE},
    {"oiftype", NFT_META_OIFTYPE},
    {"skuid", NFT_META_SKUID},
    {"skgid", NFT_META_SKGID},
    {"nftrace", NFT_META_NFTRACE},
    {"rtclassid", NFT_META_RTCLASSID},
    {"nfproto", NFT_META_NFPROTO},
    {"l4proto", NFT_META_L4PROTO},
    {"ibrname", NFT_META_BRI_IIFNAME},
    {"obrname", NFT_META_BRI_OIFNAME},
    {"pkttype", NFT_META_PKTTYPE},
    {"cpu", NFT_META_CPU},
    {"iifgroup", NFT_META_IIFGROUP},
    {"oifgroup", NFT_META_OIFGROUP},
    {"cgroup", NFT_META_CGROUP},
    {"random", NFT_META_PRANDOM},
    {"iifkind", NFT_META_IIFKIND},
    {"oifkind", NFT_META_OIFKIND},
    {"sdif", NFT_META_SDIF},
    {"sdifname", NFT_META_SDIFNAME},
    {"day", NFT_META_TIME_DAY},
};

constexpr NamedNumber kCtKeys[] = {
    {"state", NFT_CT_STATE},         {"direction", NFT_CT_DIRECTION},
    {"status", NFT_CT_STATUS},       {"mark", NFT_CT_MARK},
    {"event", NFT_CT_EVENTMASK},     {"expiration", NFT_CT_EXPIRATION},
    {"helper", NFT_CT_HELPER},       {"l3proto", NFT_CT_L3PROTOCOL},
    {"protocol", NFT_CT_PROTOCOL},   {"proto-src", NFT_CT_PROTO_SRC},
    {"proto-dst", NFT_CT_PROTO_DST}, {"packets", NFT_CT_PKTS},
    {"bytes", NFT_CT_BYTES},         {"avgpkt", NFT_CT_AVGPKT},
    {"zone", NFT_CT_ZONE},           {"ip saddr", NFT_CT_SRC_IP},
    {"ip daddr", NFT_CT_DST_IP},     {"ip6 saddr", NFT_CT_SRC_IP6},
    {"ip6 daddr", NFT_CT_DST_IP6},   {"id", NFT_CT_ID},
};
constexpr NamedNumber kCtDirections[] = {{"original", IP_CT_DIR_ORIGINAL}, {"reply", IP_CT_DIR_REPLY}};

constexpr NamedNumber kFibResults[] = {
    {"oif", NFT_FIB_RESULT_OIF},
    {"oifname", NFT_FIB_RESULT_OIFNAME},
    {"type", NFT_FIB_RESULT_ADDRTYPE},
};
constexpr NamedNumber kFibFlags[] = {
    {"saddr", NFTA_FIB_F_SADDR},
    {"daddr", NFTA_FIB_F_DADDR},
    {"mark", NFTA_FIB_F_MARK},
    {"iif", NFTA_FIB_F_IIF},
    {"oif", NFTA_FIB_F_OIF},
    {"present", NFTA_FIB_F_PRESENT},
};

constexpr NamedNumber kPayloadBases[] = {
    {"link", NFT_PAYLOAD_LL_HEADER},
    {"network", NFT_PAYLOAD_NETWORK_HEADER},
    {"transport", NFT_PAYLOAD_TRANSPORT_HEADER},
    {"inner", NFT_PAYLOAD_INNER_HEADER},
};

constexpr NamedNumber kCmpOps[] = {
    {"eq", NFT_CMP_EQ},
    {"neq", NFT_CMP_NEQ},
    {"lt", NFT_CMP_LT},
    {"lte", NFT_CMP_LTE},
    {"gt", NFT_CMP_GT},
    {"gte", NFT_CMP_GTE},
};
constexpr NamedNumber kRangeOps[] = {{"eq", NFT_RANGE_EQ}, {"neq", NFT_RANGE_NEQ}};
constexpr NamedNumber kBitwiseOps[] = {
    {"bool", NFT_BITWISE_BOOL}, {"lshift", NFT_BITWISE_LSHIFT}, {"rshift", NFT_BITWISE_RSHIFT}};
constexpr NamedNumber kByteorderOps[] = {{"ntoh", NFT_BYTEORDER_NTOH}, {"hton", NFT_BYTEORDER_HTON}};
constexpr NamedNumber kLookupFlags[] = {{"inv", NFT_LOOKUP_F_INV}};

constexpr NamedNumber kNatTypes[] = {{"snat", NFT_NAT_SNAT}, {"dnat", NFT_NAT_DNAT}};
constexpr NamedNumber kNatFamilies[] = {{"ip", NFPROTO_IPV4}, {"ip6", NFPROTO_IPV6}, {"inet", NFPROTO_INET}};
constexpr NamedNumber kNatFlags[] = {
    {"map-ips", NF_NAT_RANGE_MAP_IPS},
    {"proto-specified", NF_NAT_RANGE_PROTO_SPECIFIED},
    {"random", NF_NAT_RANGE_PROTO_RANDOM},
    {"fully-random", NF_NAT_RANGE_PROTO_RANDOM_FULLY},
    {"persistent", NF_NAT_RANGE_PERSISTENT},
    {"netmap", NF_NAT_RANGE_NETMAP},
};

constexpr NamedNumber kRejectTypes[] = {
    {"icmp", NFT_REJECT_ICMP_UNREACH}, {"tcp reset", NFT_REJECT_TCP_RST}, {"icmpx", NFT_REJECT_ICMPX_UNREACH}};
constexpr NamedNumber kLimitTypes[] = {{"packets", NFT_LIMIT_PKTS}, {"bytes", NFT_LIMIT_PKT_BYTES}};
constexpr NamedNumber kLimitFlags[] = {{"inv", NFT_LIMIT_F_INV}};
constexpr NamedNumber kLogLevels[] = {
    {"emerg", NFT_LOGLEVEL_EMERG},
    {"alert", NFT_LOGLEVEL_ALERT},
    {"crit", NFT_LOGLEVEL_CRIT},
    {"err", NFT_LOGLEVEL_ERR},
    {"warn", NFT_LOGLEVEL_WARNING},
    {"notice", NFT_LOGLEVEL_NOTICE},
    {"info", NFT_LOGLEVEL_INFO},
    {"debug", NFT_LOGLEVEL_DEBUG},
    {"audit", NFT_LOGLEVEL_AUDIT},
};

constexpr NamedNumber kLogFlags[] = {
    {"tcp sequence", NF_LOG_TCPSEQ},
    {"tcp options", NF_LOG_TCPOPT},
    {"ip options", NF_LOG_IPOPT},
    {"skuid", NF_LOG_UID},
    {"ether", NF_LOG_MACDECODE},
};

constexpr NftField kMeta[] = {
    {"key", NFTNL_EXPR_META_KEY, NftForm::u32, kMetaKeys},
    {"dreg", NFTNL_EXPR_META_DREG, NftForm::slot},
    {"sreg", NFTNL_EXPR_META_SREG, NftForm::slot},
};
constexpr NftField kCt[] = {
    {"key", NFTNL_EXPR_CT_KEY, NftForm::u32, kCtKeys},
    {"dir", NFTNL_EXPR_CT_DIR, NftForm::u8, kCtDirections},
    {"dreg", NFTNL_EXPR_CT_DREG, NftForm::slot},
    {"sreg", NFTNL_EXPR_CT_SREG, NftForm::slot},
};
constexpr NftField kFib[] = {
    {"flags", NFTNL_EXPR_FIB_FLAGS, NftForm::flags, kFibFlags},
    {"result", NFTNL_EXPR_FIB_RESULT, NftForm::u32, kFibResults},
    {"dreg", NFTNL_EXPR_FIB_DREG, NftForm::slot},
};
constexpr NftField kPayload[] = {
    {"base", NFTNL_EXPR_PAYLOAD_BASE, NftForm::u32, kPayloadBases},
    {"offset", NFTNL_EXPR_PAYLOAD_OFFSET, NftForm::u32},
    {"len", NFTNL_EXPR_PAYLOAD_LEN, NftForm::u32},
    {"dreg", NFTNL_EXPR_PAYLOAD_DREG, NftForm::slot},
    {"sreg", NFTNL_EXPR_PAYLOAD_SREG, NftForm::slot},
};
constexpr NftField kCmp[] = {
    {"op", NFTNL_EXPR_CMP_OP, NftForm::u32, kCmpOps},
    {"sreg", NFTNL_EXPR_CMP_SREG, NftForm::slot},
    {"data", NFTNL_EXPR_CMP_DATA, NftForm::bytes, {}, kValueLimit},
};
constexpr NftField kRange[] = {
    {"op", NFTNL_EXPR_RANGE_OP, NftForm::u32, kRangeOps},
    {"sreg", NFTNL_EXPR_RANGE_SREG, NftForm::slot},
    {"from", NFTNL_EXPR_RANGE_FROM_DATA, NftForm::bytes, {}, kValueLimit},
    {"to", NFTNL_EXPR_RANGE_TO_DATA, NftForm::bytes, {}, kValueLimit},
};
constexpr NftField kBitwise[] = {
    {"op", NFTNL_EXPR_BITWISE_OP, NftForm::u32, kBitwiseOps},
    {"sreg", NFTNL_EXPR_BITWISE_SREG, NftForm::slot},
    {"dreg", NFTNL_EXPR_BITWISE_DREG, NftForm::slot},
    {"len", NFTNL_EXPR_BITWISE_LEN, NftForm::u32},
    {"mask", NFTNL_EXPR_BITWISE_MASK, NftForm::bytes, {}, kValueLimit},
    {"xor", NFTNL_EXPR_BITWISE_XOR, NftForm::bytes, {}, kValueLimit},
    {"data", NFTNL_EXPR_BITWISE_DATA, NftForm::bytes, {}, kValueLimit},
};
constexpr NftField kByteorder[] = {
    {"op", NFTNL_EXPR_BYTEORDER_OP, NftForm::u32, kByteorderOps},
    {"sreg", NFTNL_EXPR_BYTEORDER_SREG, NftForm::slot},
    {"dreg", NFTNL_EXPR_BYTEORDER_DREG, NftForm::slot},
    {"len", NFTNL_EXPR_BYTEORDER_LEN, NftForm::u32},
    {"size", NFTNL_EXPR_BYTEORDER_SIZE, NftForm::u32},
};
constexpr NftField kLookup[] = {
    {"set", NFTNL_EXPR_LOOKUP_SET, NftForm::string},
    {"setId", NFTNL_EXPR_LOOKUP_SET_ID, NftForm::u32},
    {"sreg", NFTNL_EXPR_LOOKUP_SREG, NftForm::slot},
    {"dreg", NFTNL_EXPR_LOOKUP_DREG, NftForm::slot},
    {"flags", NFTNL_EXPR_LOOKUP_FLAGS, NftForm::flags, kLookupFlags},
};
constexpr NftField kImmediate[] = {
    {"dreg", NFTNL_EXPR_IMM_DREG, NftForm::slot},
    {"data", NFTNL_EXPR_IMM_DATA, NftForm::bytes, {}, kValueLimit},
    {"verdict", NFTNL_EXPR_IMM_VERDICT, NftForm::u32, kNftVerdicts},
    {"chain", NFTNL_EXPR_IMM_CHAIN, NftForm::string},
};
constexpr NftField kCounter[] = {
    {"packets", NFTNL_EXPR_CTR_PACKETS, NftForm::u64},
    {"bytes", NFTNL_EXPR_CTR_BYTES, NftForm::u64},
};
constexpr NftField kNat[] = {
    {"type", NFTNL_EXPR_NAT_TYPE, NftForm::u32, kNatTypes},
    {"family", NFTNL_EXPR_NAT_FAMILY, NftForm::u32, kNatFamilies},
    {"addrMin", NFTNL_EXPR_NAT_REG_ADDR_MIN, NftForm::slot},
    {"addrMax", NFTNL_EXPR_NAT_REG_ADDR_MAX, NftForm::slot},
    {"protoMin", NFTNL_EXPR_NAT_REG_PROTO_MIN, NftForm::slot},
    {"protoMax", NFTNL_EXPR_NAT_REG_PROTO_MAX, NftForm::slot},
    {"flags", NFTNL_EXPR_NAT_FLAGS, NftForm::flags, kNatFlags},
};
constexpr NftField kMasquerade[] = {
    {"flags", NFTNL_EXPR_MASQ_FLAGS, NftForm::flags, kNatFlags},
    {"protoMin", NFTNL_EXPR_MASQ_REG_PROTO_MIN, NftForm::slot},
    {"protoMax", NFTNL_EXPR_MASQ_REG_PROTO_MAX, NftForm::slot},
};
constexpr NftField kRedirect[] = {
    {"protoMin", NFTNL_EXPR_REDIR_REG_PROTO_MIN, NftForm::slot},
    {"protoMax", NFTNL_EXPR_REDIR_REG_PROTO_MAX, NftForm::slot},
    {"flags", NFTNL_EXPR_REDIR_FLAGS, NftForm::flags, kNatFlags},
};
constexpr NftField kReject[] = {
    {"type", NFTNL_EXPR_REJECT_TYPE, NftForm::u32, kRejectTypes},
    {"code", NFTNL_EXPR_REJECT_CODE, NftForm::u8},
};
constexpr NftField kLimit[] = {
    {"rate", NFTNL_EXPR_LIMIT_RATE, NftForm::u64},
    {"unit", NFTNL_EXPR_LIMIT_UNIT, NftForm::u64},
    {"burst", NFTNL_EXPR_LIMIT_BURST, NftForm::u32},
    {"type", NFTNL_EXPR_LIMIT_TYPE, NftForm::u32, kLimitTypes},
    {"flags", NFTNL_EXPR_LIMIT_FLAGS, NftForm::flags, kLimitFlags},
};
constexpr NftField kLog[] = {
    {"prefix", NFTNL_EXPR_LOG_PREFIX, NftForm::string, {}, 128},
    {"group", NFTNL_EXPR_LOG_GROUP, NftForm::u16},
    {"snaplen", NFTNL_EXPR_LOG_SNAPLEN, NftForm::u32},
    {"queueThreshold", NFTNL_EXPR_LOG_QTHRESHOLD, NftForm::u16},
    {"level", NFTNL_EXPR_LOG_LEVEL, NftForm::u32, kLogLevels},
    {"flags", NFTNL_EXPR_LOG_FLAGS, NftForm::flags, kLogFlags},
};

struct Expression {
  const char* name;
  NftFields fields;
};

constexpr Expression kExpressions[] = {
    {"meta", kMeta},
    {"ct", kCt},
    {"fib", kFib},
    {"payload", kPayload},
    {"cmp", kCmp},
    {"range", kRange},
    {"bitwise", kBitwise},
    {"byteorder", kByteorder},
    {"lookup", kLookup},
    {"immediate", kImmediate},
    {"counter", kCounter},
    {"nat", kNat},
    {"masq", kMasquerade},
    {"redir", kRedirect},
    {"reject", kReject},
    {"limit", kLimit},
    {"log", kLog},
    {"notrack", {}},
};

NftFields fieldsOf(std::string_view name) {
  for (const Expression& expression : kExpressions) {
    if (name == expression.name) return expression.fields;
  }
  return {};
}

bool isReadable(const nlattr& expression) {
  const nlattr* name = nullptr;
  const nlattr* data = nullptr;
  for (const nlattr& part : AttributeRange::inside(&expression)) {
    if (mnl_attr_get_type(&part) == NFTA_EXPR_NAME) name = &part;
    if (mnl_attr_get_type(&part) == NFTA_EXPR_DATA) data = &part;
  }
  if (name == nullptr || mnl_attr_validate(name, MNL_TYPE_NUL_STRING) < 0) return false;
  if (data == nullptr) return true;
  const auto parts = AttributeRange::inside(data);
  const std::string_view word(mnl_attr_get_str(name));
  // The one expression that holds others.
  if (word == "dynset") return areReadable(parts, NFTA_DYNSET_EXPRESSIONS, NFTA_DYNSET_EXPR);
  if (word != "immediate") return true;
  for (const nlattr& part : parts) {
    if (mnl_attr_get_type(&part) == NFTA_IMMEDIATE_DATA && !isReadableData(part)) return false;
  }
  return true;
}

bool isReadableVerdict(const nlattr& verdict) {
  const auto parts = AttributeRange::inside(&verdict);
  const nlattr* code = parts.find(NFTA_VERDICT_CODE);
  if (code == nullptr || mnl_attr_get_payload_len(code) != sizeof(uint32_t)) return false;
  const auto word = static_cast<int32_t>(ntohl(mnl_attr_get_u32(code)));
  if (word != NFT_JUMP && word != NFT_GOTO) return true;
  return parts.find(NFTA_VERDICT_CHAIN) != nullptr;
}

NftObject viewOfExpression(nftnl_expr* expression) {
  return viewOf<nftnl_expr_is_set, nftnl_expr_set, nftnl_expr_get>(expression);
}

}  // namespace

OwnedExpression encodeExpression(const Napi::Object& record) {
  const std::string name = stringIn(record, "name");
  OwnedExpression expression(nftnl_expr_alloc(name.c_str()));
  if (!expression) throw std::invalid_argument("no nftables expression '" + name + "'");
  encodeFields(viewOfExpression(expression.get()), record, fieldsOf(name));
  return expression;
}

Napi::Object decodeExpression(Napi::Env env, const nftnl_expr* expression) {
  auto record = Napi::Object::New(env);
  const char* name = nftnl_expr_get_str(expression, NFTNL_EXPR_NAME);
  record.Set("name", name);
  decodeFields(record, viewOfExpression(const_cast<nftnl_expr*>(expression)), fieldsOf(name));
  return record;
}

bool areReadable(const AttributeRange& attributes, uint16_t list, uint16_t single) {
  for (const nlattr& attribute : attributes) {
    const uint16_t type = mnl_attr_get_type(&attribute);
    if (type == single && !isReadable(attribute)) return false;
    if (type != list) continue;
    for (const nlattr& expression : AttributeRange::inside(&attribute)) {
      if (!isReadable(expression)) return false;
    }
  }
  return true;
}

bool isReadableData(const nlattr& data) {
  for (const nlattr& part : AttributeRange::inside(&data)) {
    if (mnl_attr_get_type(&part) == NFTA_DATA_VERDICT && !isReadableVerdict(part)) return false;
  }
  return true;
}

int appendNftExpression(nftnl_expr* expression, void* list) {
  auto& expressions = *static_cast<Napi::Array*>(list);
  expressions.Set(expressions.Length(), decodeExpression(expressions.Env(), expression));
  return 0;
}

}  // namespace netprim
