// The expressions of nftables (linux/netfilter/nf_tables.h): what each carries, one row a field.
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter/nf_log.h>
#include <linux/netfilter/nf_nat.h>

#include "nft-tables.h"

namespace netprim {

namespace {

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

// A register of 128 bits, where a slot begins one, has the name that the kernel gives it when it is asked.
constexpr NamedNumber kSlots[] = {
    {"verdict", NFT_REG_VERDICT},
    {"0", NFT_REG_1},
    {"1", NFT_REG32_01},
    {"2", NFT_REG32_02},
    {"3", NFT_REG32_03},
    {"4", NFT_REG_2},
    {"5", NFT_REG32_05},
    {"6", NFT_REG32_06},
    {"7", NFT_REG32_07},
    {"8", NFT_REG_3},
    {"9", NFT_REG32_09},
    {"10", NFT_REG32_10},
    {"11", NFT_REG32_11},
    {"12", NFT_REG_4},
    {"13", NFT_REG32_13},
    {"14", NFT_REG32_14},
    {"15", NFT_REG32_15},
};
constexpr Attribute slot(const char* name, uint16_t type) { return {name, type, Form::slot, Access::both, kSlots}; }

constexpr NamedNumber kVerdicts[] = {
    {"drop", NF_DROP},
    {"accept", NF_ACCEPT},
    {"continue", static_cast<uint32_t>(NFT_CONTINUE)},
    {"jump", static_cast<uint32_t>(NFT_JUMP)},
    {"goto", static_cast<uint32_t>(NFT_GOTO)},
    {"return", static_cast<uint32_t>(NFT_RETURN)},
};
constexpr Attribute kVerdictRows[] = {
    {"verdict", NFTA_VERDICT_CODE, Form::be32, Access::both, kVerdicts},
    {"chain", NFTA_VERDICT_CHAIN, Form::string},
};
constexpr Table kVerdictTable = {0, {}, kVerdictRows};
constexpr Inside kVerdict[] = {{"", &kVerdictTable}};
constexpr Attribute kDataRows[] = {
    {"data", NFTA_DATA_VALUE, Form::bytes},
    {"", NFTA_DATA_VERDICT, Form::nested, Access::both, {}, kVerdict},
};

constexpr Attribute kMetaRows[] = {
    {"key", NFTA_META_KEY, Form::be32, Access::both, kMetaKeys},
    slot("dreg", NFTA_META_DREG),
    slot("sreg", NFTA_META_SREG),
};
constexpr Table kMeta = {0, {}, kMetaRows};

constexpr Attribute kCtRows[] = {
    {"key", NFTA_CT_KEY, Form::be32, Access::both, kCtKeys},
    slot("dreg", NFTA_CT_DREG),
    {"dir", NFTA_CT_DIRECTION, Form::u8, Access::both, kCtDirections},
    slot("sreg", NFTA_CT_SREG),
};
constexpr Table kCt = {0, {}, kCtRows};

constexpr Attribute kFibRows[] = {
    {"flags", NFTA_FIB_FLAGS, Form::flagsBe32, Access::both, kFibFlags},
    {"result", NFTA_FIB_RESULT, Form::be32, Access::both, kFibResults},
    slot("dreg", NFTA_FIB_DREG),
};
constexpr Table kFib = {0, {}, kFibRows};

constexpr Attribute kPayloadRows[] = {
    slot("sreg", NFTA_PAYLOAD_SREG),
    slot("dreg", NFTA_PAYLOAD_DREG),
    {"base", NFTA_PAYLOAD_BASE, Form::be32, Access::both, kPayloadBases},
    {"offset", NFTA_PAYLOAD_OFFSET, Form::be32},
    {"len", NFTA_PAYLOAD_LEN, Form::be32},
};
constexpr Table kPayload = {0, {}, kPayloadRows};

constexpr Attribute kCmpRows[] = {
    slot("sreg", NFTA_CMP_SREG),
    {"op", NFTA_CMP_OP, Form::be32, Access::both, kCmpOps},
    {"data", NFTA_CMP_DATA, Form::value},
};
constexpr Table kCmp = {0, {}, kCmpRows};

constexpr Attribute kRangeRows[] = {
    slot("sreg", NFTA_RANGE_SREG),
    {"op", NFTA_RANGE_OP, Form::be32, Access::both, kRangeOps},
    {"from", NFTA_RANGE_FROM_DATA, Form::value},
    {"to", NFTA_RANGE_TO_DATA, Form::value},
};
constexpr Table kRange = {0, {}, kRangeRows};

constexpr Attribute kBitwiseRows[] = {
    slot("sreg", NFTA_BITWISE_SREG),
    slot("dreg", NFTA_BITWISE_DREG),
    {"op", NFTA_BITWISE_OP, Form::be32, Access::both, kBitwiseOps},
    {"len", NFTA_BITWISE_LEN, Form::be32},
    {"mask", NFTA_BITWISE_MASK, Form::value},
    {"xor", NFTA_BITWISE_XOR, Form::value},
    {"data", NFTA_BITWISE_DATA, Form::value},
};
constexpr Table kBitwise = {0, {}, kBitwiseRows};

constexpr Attribute kByteorderRows[] = {
    slot("sreg", NFTA_BYTEORDER_SREG),
    slot("dreg", NFTA_BYTEORDER_DREG),
    {"op", NFTA_BYTEORDER_OP, Form::be32, Access::both, kByteorderOps},
    {"len", NFTA_BYTEORDER_LEN, Form::be32},
    {"size", NFTA_BYTEORDER_SIZE, Form::be32},
};
constexpr Table kByteorder = {0, {}, kByteorderRows};

constexpr Attribute kLookupRows[] = {
    slot("sreg", NFTA_LOOKUP_SREG),
    slot("dreg", NFTA_LOOKUP_DREG),
    {"set", NFTA_LOOKUP_SET, Form::string},
    {"setId", NFTA_LOOKUP_SET_ID, Form::be32},
    {"flags", NFTA_LOOKUP_FLAGS, Form::flagsBe32, Access::both, kLookupFlags},
};
constexpr Table kLookup = {0, {}, kLookupRows};

constexpr Attribute kImmediateRows[] = {
    slot("dreg", NFTA_IMMEDIATE_DREG),
    {"", NFTA_IMMEDIATE_DATA, Form::nested, Access::both, {}, kNftData},
};
constexpr Table kImmediate = {0, {}, kImmediateRows};

constexpr Attribute kCounterRows[] = {
    {"bytes", NFTA_COUNTER_BYTES, Form::be64},
    {"packets", NFTA_COUNTER_PACKETS, Form::be64},
};
constexpr Table kCounter = {0, {}, kCounterRows};

constexpr Attribute kNatRows[] = {
    {"type", NFTA_NAT_TYPE, Form::be32, Access::both, kNatTypes},
    {"family", NFTA_NAT_FAMILY, Form::be32, Access::both, kNatFamilies},
    slot("addrMin", NFTA_NAT_REG_ADDR_MIN),
    slot("addrMax", NFTA_NAT_REG_ADDR_MAX),
    slot("protoMin", NFTA_NAT_REG_PROTO_MIN),
    slot("protoMax", NFTA_NAT_REG_PROTO_MAX),
    {"flags", NFTA_NAT_FLAGS, Form::flagsBe32, Access::both, kNatFlags},
};
constexpr Table kNat = {0, {}, kNatRows};

constexpr Attribute kMasqueradeRows[] = {
    {"flags", NFTA_MASQ_FLAGS, Form::flagsBe32, Access::both, kNatFlags},
    slot("protoMin", NFTA_MASQ_REG_PROTO_MIN),
    slot("protoMax", NFTA_MASQ_REG_PROTO_MAX),
};
constexpr Table kMasquerade = {0, {}, kMasqueradeRows};

constexpr Attribute kRedirectRows[] = {
    slot("protoMin", NFTA_REDIR_REG_PROTO_MIN),
    slot("protoMax", NFTA_REDIR_REG_PROTO_MAX),
    {"flags", NFTA_REDIR_FLAGS, Form::flagsBe32, Access::both, kNatFlags},
};
constexpr Table kRedirect = {0, {}, kRedirectRows};

constexpr Attribute kRejectRows[] = {
    {"type", NFTA_REJECT_TYPE, Form::be32, Access::both, kRejectTypes},
    {"code", NFTA_REJECT_ICMP_CODE, Form::u8},
};
constexpr Table kReject = {0, {}, kRejectRows};

constexpr Attribute kLimitRows[] = {
    {"rate", NFTA_LIMIT_RATE, Form::be64},
    {"unit", NFTA_LIMIT_UNIT, Form::be64},
    {"burst", NFTA_LIMIT_BURST, Form::be32},
    {"type", NFTA_LIMIT_TYPE, Form::be32, Access::both, kLimitTypes},
    {"flags", NFTA_LIMIT_FLAGS, Form::flagsBe32, Access::both, kLimitFlags},
};
constexpr Table kLimit = {0, {}, kLimitRows};

constexpr Attribute kLogRows[] = {
    {"prefix", NFTA_LOG_PREFIX, Form::string},
    {"group", NFTA_LOG_GROUP, Form::be16},
    {"snaplen", NFTA_LOG_SNAPLEN, Form::be32},
    {"queueThreshold", NFTA_LOG_QTHRESHOLD, Form::be16},
    {"level", NFTA_LOG_LEVEL, Form::be32, Access::both, kLogLevels},
    {"flags", NFTA_LOG_FLAGS, Form::flagsBe32, Access::both, kLogFlags},
};
constexpr Table kLog = {0, {}, kLogRows};

constexpr Inside kKinds[] = {
    {"meta", &kMeta},
    {"ct", &kCt},
    {"fib", &kFib},
    {"payload", &kPayload},
    {"cmp", &kCmp},
    {"range", &kRange},
    {"bitwise", &kBitwise},
    {"byteorder", &kByteorder},
    {"lookup", &kLookup},
    {"immediate", &kImmediate},
    {"counter", &kCounter},
    {"nat", &kNat},
    {"masq", &kMasquerade},
    {"redir", &kRedirect},
    {"reject", &kReject},
    {"limit", &kLimit},
    {"log", &kLog},
};
constexpr Attribute kRows[] = {
    {"name", NFTA_EXPR_NAME, Form::string},
    {"", NFTA_EXPR_DATA, Form::nested, Access::both, {}, kKinds, "name"},
};

}  // namespace

const Table kNftDataTable = {0, {}, kDataRows};
const Table kNftExpressionTable = {0, {}, kRows};

}  // namespace netprim
