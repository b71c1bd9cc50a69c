// Connection tracking entries: dropping those that fit a filter, in the kernel and in one message
// (linux/netfilter/nfnetlink_conntrack.h).
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>

#include <stdexcept>

#include "codec.h"
#include "route-names.h"

namespace netprim {

namespace {

// Which members of a tuple a filter looks at. The kernel keeps these bits to itself (net/netfilter/nf_internals.h).
constexpr uint32_t kFilterSource = 1 << 0;
constexpr uint32_t kFilterDestination = 1 << 1;
constexpr uint32_t kFilterProtocol = 1 << 3;
constexpr uint32_t kFilterSourcePort = 1 << 4;
constexpr uint32_t kFilterDestinationPort = 1 << 5;

constexpr NamedNumber kProtocols[] = {{"tcp", IPPROTO_TCP}, {"udp", IPPROTO_UDP}, {"sctp", IPPROTO_SCTP}};

struct FilterRow {
  const char* name;
  uint32_t flag;
};

constexpr Attribute kIpRows[] = {{"src", CTA_IP_V4_SRC, Form::ip}, {"dst", CTA_IP_V4_DST, Form::ip}};
constexpr Attribute kIp6Rows[] = {{"src", CTA_IP_V6_SRC, Form::ip}, {"dst", CTA_IP_V6_DST, Form::ip}};
constexpr Attribute kPortRows[] = {
    {"protocol", CTA_PROTO_NUM, Form::u8, Access::both, kProtocols},
    {"sport", CTA_PROTO_SRC_PORT, Form::be16},
    {"dport", CTA_PROTO_DST_PORT, Form::be16},
};
constexpr FilterRow kFilterRows[] = {
    {"src", kFilterSource},
    {"dst", kFilterDestination},
    {"protocol", kFilterProtocol},
    {"sport", kFilterSourcePort},
    {"dport", kFilterDestinationPort},
};

// Returns which of the tuple's members are to be compared.
uint32_t putTuple(Message& message, uint16_t type, const Napi::Value& value, bool v6) {
  if (!value.IsObject()) return 0;
  const auto tuple = value.As<Napi::Object>();
  Nest nest(message, type);
  {
    Nest addresses(message, CTA_TUPLE_IP);
    encodeAttributes(message, tuple, v6 ? Attributes(kIp6Rows) : Attributes(kIpRows));
  }
  {
    Nest ports(message, CTA_TUPLE_PROTO);
    encodeAttributes(message, tuple, kPortRows);
  }
  uint32_t flags = 0;
  for (const FilterRow& row : kFilterRows) {
    if (!tuple.Get(row.name).IsUndefined()) flags |= row.flag;
  }
  return flags;
}

// { family, orig?: { src?, dst?, protocol?, sport?, dport? }, reply?: … }: every member that is there has to fit.
void encodeFlush(Message& message, const Napi::Object& record) {
  const uint32_t family = numberIn(record, "family", AF_INET, kFamilies);
  auto* header = message.header<nfgenmsg>();
  header->nfgen_family = static_cast<uint8_t>(family);
  header->version = NFNETLINK_V0;
  const uint32_t orig = putTuple(message, CTA_TUPLE_ORIG, record.Get("orig"), family == AF_INET6);
  const uint32_t reply = putTuple(message, CTA_TUPLE_REPLY, record.Get("reply"), family == AF_INET6);
  // Without a filter the message would mean the whole table.
  if ((orig | reply) == 0) throw std::invalid_argument("conntrack: nothing to filter by");
  Nest filter(message, CTA_FILTER);
  message.put(CTA_FILTER_ORIG_FLAGS, orig);
  message.put(CTA_FILTER_REPLY_FLAGS, reply);
}

}  // namespace

void registerConntrack(Napi::Env env, Napi::Object exports) {
  exportEncoder(
      env, exports, "encodeFlushConntrack", encodeFlush, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE, NLM_F_ACK);
}

}  // namespace netprim
