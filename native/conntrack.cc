// Connection tracking entries: dropping those that fit a filter, in the kernel and in one message
// (linux/netfilter/nfnetlink_conntrack.h).
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <netinet/in.h>

#include "route-names.h"
#include "table.h"

namespace netprim {

namespace {

// Which members of a tuple a filter looks at. The kernel keeps these bits to itself (net/netfilter/nf_internals.h).
constexpr NamedNumber kCompared[] = {
    {"src", 1 << 0},
    {"dst", 1 << 1},
    {"protocol", 1 << 3},
    {"sport", 1 << 4},
    {"dport", 1 << 5},
};

constexpr NamedNumber kProtocols[] = {{"tcp", IPPROTO_TCP}, {"udp", IPPROTO_UDP}, {"sctp", IPPROTO_SCTP}};

constexpr Attribute kIpRows[] = {
    {"src", CTA_IP_V4_SRC, Form::ip4},
    {"dst", CTA_IP_V4_DST, Form::ip4},
    {"src", CTA_IP_V6_SRC, Form::ip6},
    {"dst", CTA_IP_V6_DST, Form::ip6},
};
constexpr Table kIpTable = {0, {}, kIpRows};
constexpr Inside kIp[] = {{"", &kIpTable}};

constexpr Attribute kPortRows[] = {
    {"protocol", CTA_PROTO_NUM, Form::u8, Access::both, kProtocols},
    {"sport", CTA_PROTO_SRC_PORT, Form::be16},
    {"dport", CTA_PROTO_DST_PORT, Form::be16},
};
constexpr Table kPortTable = {0, {}, kPortRows};
constexpr Inside kPorts[] = {{"", &kPortTable}};

constexpr Attribute kTupleRows[] = {
    {"", CTA_TUPLE_IP, Form::nested, Access::both, {}, kIp},
    {"", CTA_TUPLE_PROTO, Form::nested, Access::both, {}, kPorts},
};
constexpr Table kTupleTable = {0, {}, kTupleRows};
constexpr Inside kTuple[] = {{"", &kTupleTable}};

constexpr Attribute kFilterRows[] = {
    {"orig", CTA_FILTER_ORIG_FLAGS, Form::flags32, Access::write, kCompared},
    {"reply", CTA_FILTER_REPLY_FLAGS, Form::flags32, Access::write, kCompared},
};
constexpr Table kFilterTable = {0, {}, kFilterRows};
constexpr Inside kFilter[] = {{"", &kFilterTable}};

constexpr Attribute kRows[] = {
    {"orig", CTA_TUPLE_ORIG, Form::nested, Access::both, {}, kTuple},
    {"reply", CTA_TUPLE_REPLY, Form::nested, Access::both, {}, kTuple},
    {"filter", CTA_FILTER, Form::nested, Access::write, {}, kFilter},
};

// NFNETLINK_V0 is what a header says of itself that no record says anything of.
constexpr Field kHeader[] = {
    {"family", offsetof(nfgenmsg, nfgen_family), Form::u8, Access::both, kFamilies},
};
constexpr Table kTable = {sizeof(nfgenmsg), kHeader, kRows};

constexpr Request kRequests[] = {
    {"deleteConnections", NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE, NLM_F_ACK},
};

}  // namespace

const KernelObject kConntrack = {"conntrack", kTable, kRequests, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW};

}  // namespace netprim
