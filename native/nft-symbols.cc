// The words for values of nftables' data types (`nft describe`), with the kernel's numbers for them.
// clang-format off: libc's own headers share names with the kernel's, if they come first.
#include <netdb.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>
// clang-format on

#include "codec.h"
#include "names.h"

namespace netprim {

namespace {

constexpr NamedNumber kCtState[] = {
    {"invalid", NF_CT_STATE_INVALID_BIT},
    {"new", NF_CT_STATE_BIT(IP_CT_NEW)},
    {"established", NF_CT_STATE_BIT(IP_CT_ESTABLISHED)},
    {"related", NF_CT_STATE_BIT(IP_CT_RELATED)},
    {"untracked", NF_CT_STATE_UNTRACKED_BIT},
};
constexpr NamedNumber kCtStatus[] = {
    {"expected", IPS_EXPECTED},
    {"seen-reply", IPS_SEEN_REPLY},
    {"assured", IPS_ASSURED},
    {"confirmed", IPS_CONFIRMED},
    {"snat", IPS_SRC_NAT},
    {"dnat", IPS_DST_NAT},
    {"dying", IPS_DYING},
};
constexpr NamedNumber kCtDir[] = {{"original", IP_CT_DIR_ORIGINAL}, {"reply", IP_CT_DIR_REPLY}};
constexpr NamedNumber kFibAddrtype[] = {
    {"unspec", RTN_UNSPEC},
    {"unicast", RTN_UNICAST},
    {"local", RTN_LOCAL},
    {"broadcast", RTN_BROADCAST},
    {"anycast", RTN_ANYCAST},
    {"multicast", RTN_MULTICAST},
    {"blackhole", RTN_BLACKHOLE},
    {"unreachable", RTN_UNREACHABLE},
    {"prohibit", RTN_PROHIBIT},
};
constexpr NamedNumber kNfProto[] = {{"ipv4", NFPROTO_IPV4}, {"ipv6", NFPROTO_IPV6}};
constexpr NamedNumber kEtherType[] = {
    {"ip", ETH_P_IP},
    {"arp", ETH_P_ARP},
    {"ip6", ETH_P_IPV6},
    {"8021q", ETH_P_8021Q},
    {"8021ad", ETH_P_8021AD},
    {"vlan", ETH_P_8021Q},
};
constexpr NamedNumber kPktType[] = {
    {"host", PACKET_HOST},
    {"unicast", PACKET_HOST},
    {"broadcast", PACKET_BROADCAST},
    {"multicast", PACKET_MULTICAST},
    {"other", PACKET_OTHERHOST},
};
constexpr NamedNumber kIfaceType[] = {
    {"ether", ARPHRD_ETHER},
    {"ppp", ARPHRD_PPP},
    {"ipip", ARPHRD_TUNNEL},
    {"ipip6", ARPHRD_TUNNEL6},
    {"loopback", ARPHRD_LOOPBACK},
    {"sit", ARPHRD_SIT},
    {"ipgre", ARPHRD_IPGRE},
};
constexpr NamedNumber kTcpFlag[] = {
    {"fin", TH_FIN},
    {"syn", TH_SYN},
    {"rst", TH_RST},
    {"psh", TH_PUSH},
    {"ack", TH_ACK},
    {"urg", TH_URG},
    {"ecn", 0x40},
    {"cwr", 0x80},
};
constexpr NamedNumber kIcmpType[] = {
    {"echo-reply", ICMP_ECHOREPLY},
    {"destination-unreachable", ICMP_DEST_UNREACH},
    {"source-quench", ICMP_SOURCE_QUENCH},
    {"redirect", ICMP_REDIRECT},
    {"echo-request", ICMP_ECHO},
    {"router-advertisement", ICMP_ROUTERADVERT},
    {"router-solicitation", ICMP_ROUTERSOLICIT},
    {"time-exceeded", ICMP_TIME_EXCEEDED},
    {"parameter-problem", ICMP_PARAMETERPROB},
    {"timestamp-request", ICMP_TIMESTAMP},
    {"timestamp-reply", ICMP_TIMESTAMPREPLY},
    {"info-request", ICMP_INFO_REQUEST},
    {"info-reply", ICMP_INFO_REPLY},
    {"address-mask-request", ICMP_ADDRESS},
    {"address-mask-reply", ICMP_ADDRESSREPLY},
};
constexpr NamedNumber kIcmpv6Type[] = {
    {"destination-unreachable", ICMP6_DST_UNREACH},
    {"packet-too-big", ICMP6_PACKET_TOO_BIG},
    {"time-exceeded", ICMP6_TIME_EXCEEDED},
    {"parameter-problem", ICMP6_PARAM_PROB},
    {"echo-request", ICMP6_ECHO_REQUEST},
    {"echo-reply", ICMP6_ECHO_REPLY},
    {"mld-listener-query", MLD_LISTENER_QUERY},
    {"mld-listener-report", MLD_LISTENER_REPORT},
    {"mld-listener-done", MLD_LISTENER_REDUCTION},
    {"mld-listener-reduction", MLD_LISTENER_REDUCTION},
    {"nd-router-solicit", ND_ROUTER_SOLICIT},
    {"nd-router-advert", ND_ROUTER_ADVERT},
    {"nd-neighbor-solicit", ND_NEIGHBOR_SOLICIT},
    {"nd-neighbor-advert", ND_NEIGHBOR_ADVERT},
    {"nd-redirect", ND_REDIRECT},
    {"router-renumbering", ICMP6_ROUTER_RENUMBERING},
    {"ind-neighbor-solicit", 141},
    {"ind-neighbor-advert", 142},
    {"mld2-listener-report", 143},
};
constexpr NamedNumber kIcmpCode[] = {
    {"net-unreachable", ICMP_NET_UNREACH},
    {"host-unreachable", ICMP_HOST_UNREACH},
    {"prot-unreachable", ICMP_PROT_UNREACH},
    {"port-unreachable", ICMP_PORT_UNREACH},
    {"net-prohibited", ICMP_NET_ANO},
    {"host-prohibited", ICMP_HOST_ANO},
    {"admin-prohibited", ICMP_PKT_FILTERED},
    {"frag-needed", ICMP_FRAG_NEEDED},
};
constexpr NamedNumber kIcmpv6Code[] = {
    {"no-route", ICMP6_DST_UNREACH_NOROUTE},
    {"admin-prohibited", ICMP6_DST_UNREACH_ADMIN},
    {"addr-unreachable", ICMP6_DST_UNREACH_ADDR},
    {"port-unreachable", ICMP6_DST_UNREACH_NOPORT},
    {"policy-fail", 5},
    {"reject-route", 6},
};
constexpr NamedNumber kIcmpxCode[] = {
    {"port-unreachable", NFT_REJECT_ICMPX_PORT_UNREACH},
    {"admin-prohibited", NFT_REJECT_ICMPX_ADMIN_PROHIBITED},
    {"no-route", NFT_REJECT_ICMPX_NO_ROUTE},
    {"host-unreachable", NFT_REJECT_ICMPX_HOST_UNREACH},
};
constexpr NamedNumber kCtEvent[] = {
    {"new", 1 << IPCT_NEW},
    {"related", 1 << IPCT_RELATED},
    {"destroy", 1 << IPCT_DESTROY},
    {"reply", 1 << IPCT_REPLY},
    {"assured", 1 << IPCT_ASSURED},
    {"protoinfo", 1 << IPCT_PROTOINFO},
    {"helper", 1 << IPCT_HELPER},
    {"mark", 1 << IPCT_MARK},
    {"seqadj", 1 << IPCT_SEQADJ},
    {"secmark", 1 << IPCT_SECMARK},
    {"label", 1 << IPCT_LABEL},
};
constexpr NamedNumber kArpOp[] = {
    {"request", ARPOP_REQUEST},
    {"reply", ARPOP_REPLY},
    {"rrequest", ARPOP_RREQUEST},
    {"rreply", ARPOP_RREPLY},
    {"inrequest", ARPOP_InREQUEST},
    {"inreply", ARPOP_InREPLY},
    {"nak", ARPOP_NAK},
};
// TC_H_UNSPEC and TC_H_ROOT of linux/pkt_sched.h.
constexpr NamedNumber kClassId[] = {{"none", 0}, {"root", UINT32_MAX}};
constexpr NamedNumber kDay[] = {
    {"Sunday", 0},
    {"Monday", 1},
    {"Tuesday", 2},
    {"Wednesday", 3},
    {"Thursday", 4},
    {"Friday", 5},
    {"Saturday", 6},
};
constexpr NamedNumber kDscp[] = {
    {"cs0", 0x00},  {"cs1", 0x08},  {"cs2", 0x10},  {"cs3", 0x18},   {"cs4", 0x20},  {"cs5", 0x28},  {"cs6", 0x30},
    {"cs7", 0x38},  {"df", 0x00},   {"be", 0x00},   {"lephb", 0x01}, {"af11", 0x0a}, {"af12", 0x0c}, {"af13", 0x0e},
    {"af21", 0x12}, {"af22", 0x14}, {"af23", 0x16}, {"af31", 0x1a},  {"af32", 0x1c}, {"af33", 0x1e}, {"af41", 0x22},
    {"af42", 0x24}, {"af43", 0x26}, {"va", 0x2c},   {"ef", 0x2e},
};

struct DataType {
  const char* name;
  Names words;
};
constexpr DataType kDataTypes[] = {
    {"ct_state", kCtState},
    {"ct_status", kCtStatus},
    {"ct_dir", kCtDir},
    {"fib_addrtype", kFibAddrtype},
    {"nf_proto", kNfProto},
    {"ether_type", kEtherType},
    {"pkt_type", kPktType},
    {"iface_type", kIfaceType},
    {"tcp_flag", kTcpFlag},
    {"icmp_type", kIcmpType},
    {"icmpv6_type", kIcmpv6Type},
    {"icmp_code", kIcmpCode},
    {"icmpv6_code", kIcmpv6Code},
    {"icmpx_code", kIcmpxCode},
    {"dscp", kDscp},
    {"ct_event", kCtEvent},
    {"arp_op", kArpOp},
    {"classid", kClassId},
    {"day", kDay},
};

// What netprim itself needs, on machines without /etc/protocols.
constexpr NamedNumber kProtocols[] = {
    {"icmp", IPPROTO_ICMP},
    {"tcp", IPPROTO_TCP},
    {"udp", IPPROTO_UDP},
    {"sctp", IPPROTO_SCTP},
    {"dccp", IPPROTO_DCCP},
    {"udplite", IPPROTO_UDPLITE},
    {"ipv6-icmp", IPPROTO_ICMPV6},
};

// The system's own names for protocols, as nft prints and reads them: the first name of a number, then its aliases.
Napi::Object protocols(Napi::Env env) {
  auto words = Napi::Object::New(env);
  setprotoent(1);
  while (const protoent* entry = getprotoent()) words.Set(entry->p_name, entry->p_proto);
  endprotoent();
  for (const NamedNumber& word : kProtocols) words.Set(word.name, word.number);
  words.Set("icmpv6", static_cast<uint32_t>(IPPROTO_ICMPV6));
  return words;
}

}  // namespace

// { ct_state: { invalid: 1, … }, … }; of two words for a number, the first is the one to show.
void registerNftSymbols(Napi::Env env, Napi::Object exports) {
  auto types = Napi::Object::New(env);
  for (const DataType& type : kDataTypes) {
    auto words = Napi::Object::New(env);
    for (const NamedNumber& word : type.words) words.Set(word.name, word.number);
    types.Set(type.name, words);
  }
  types.Set("inet_proto", protocols(env));
  exports.Set("nftSymbols", types);
}

}  // namespace netprim
