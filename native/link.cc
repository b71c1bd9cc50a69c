// Links: RTM_NEWLINK and its kin, with the attributes of the kinds that netprim makes (linux/if_link.h).
#include <linux/if.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include "table.h"

namespace netprim {

namespace {

constexpr NamedNumber kOperstates[] = {
    {"unknown", IF_OPER_UNKNOWN},
    {"notpresent", IF_OPER_NOTPRESENT},
    {"down", IF_OPER_DOWN},
    {"lowerlayerdown", IF_OPER_LOWERLAYERDOWN},
    {"testing", IF_OPER_TESTING},
    {"dormant", IF_OPER_DORMANT},
    {"up", IF_OPER_UP},
};

constexpr NamedNumber kPortStates[] = {
    {"disabled", BR_STATE_DISABLED},
    {"listening", BR_STATE_LISTENING},
    {"learning", BR_STATE_LEARNING},
    {"forwarding", BR_STATE_FORWARDING},
    {"blocking", BR_STATE_BLOCKING},
};

constexpr Attribute kBridgeRows[] = {
    {"forwardDelay", IFLA_BR_FORWARD_DELAY, Form::u32},
    {"helloTime", IFLA_BR_HELLO_TIME, Form::u32},
    {"maxAge", IFLA_BR_MAX_AGE, Form::u32},
    {"ageingTime", IFLA_BR_AGEING_TIME, Form::u32},
    {"stpState", IFLA_BR_STP_STATE, Form::u32},
    {"priority", IFLA_BR_PRIORITY, Form::u16},
    {"vlanFiltering", IFLA_BR_VLAN_FILTERING, Form::flag8},
    {"vlanDefaultPvid", IFLA_BR_VLAN_DEFAULT_PVID, Form::u16},
    {"groupFwdMask", IFLA_BR_GROUP_FWD_MASK, Form::u16},
    {"mcastSnooping", IFLA_BR_MCAST_SNOOPING, Form::flag8},
    {"mcastQuerier", IFLA_BR_MCAST_QUERIER, Form::flag8},
    {"nfCallIptables", IFLA_BR_NF_CALL_IPTABLES, Form::flag8},
    {"nfCallIp6tables", IFLA_BR_NF_CALL_IP6TABLES, Form::flag8},
    {"nfCallArptables", IFLA_BR_NF_CALL_ARPTABLES, Form::flag8},
};

constexpr Attribute kBridgePortRows[] = {
    {"state", IFLA_BRPORT_STATE, Form::u8, Access::both, kPortStates},
    {"priority", IFLA_BRPORT_PRIORITY, Form::u16},
    {"cost", IFLA_BRPORT_COST, Form::u32},
    {"hairpin", IFLA_BRPORT_MODE, Form::flag8},
    {"guard", IFLA_BRPORT_GUARD, Form::flag8},
    {"rootBlock", IFLA_BRPORT_PROTECT, Form::flag8},
    {"fastleave", IFLA_BRPORT_FAST_LEAVE, Form::flag8},
    {"learning", IFLA_BRPORT_LEARNING, Form::flag8},
    {"flood", IFLA_BRPORT_UNICAST_FLOOD, Form::flag8},
    {"mcastFlood", IFLA_BRPORT_MCAST_FLOOD, Form::flag8},
    {"bcastFlood", IFLA_BRPORT_BCAST_FLOOD, Form::flag8},
    {"neighSuppress", IFLA_BRPORT_NEIGH_SUPPRESS, Form::flag8},
    {"isolated", IFLA_BRPORT_ISOLATED, Form::flag8},
    {"locked", IFLA_BRPORT_LOCKED, Form::flag8},
};

constexpr NamedNumber kMacvlanModes[] = {
    {"private", MACVLAN_MODE_PRIVATE},
    {"vepa", MACVLAN_MODE_VEPA},
    {"bridge", MACVLAN_MODE_BRIDGE},
    {"passthru", MACVLAN_MODE_PASSTHRU},
};
constexpr Attribute kMacvlanRows[] = {
    {"mode", IFLA_MACVLAN_MODE, Form::u32, Access::both, kMacvlanModes},
};

constexpr Attribute kVxlanRows[] = {
    {"id", IFLA_VXLAN_ID, Form::u32},
    {"remote", IFLA_VXLAN_GROUP, Form::ip4},
    {"remote", IFLA_VXLAN_GROUP6, Form::ip6},
    {"local", IFLA_VXLAN_LOCAL, Form::ip4},
    {"local", IFLA_VXLAN_LOCAL6, Form::ip6},
    {"dev", IFLA_VXLAN_LINK, Form::u32},
    {"ttl", IFLA_VXLAN_TTL, Form::u8},
    {"tos", IFLA_VXLAN_TOS, Form::u8},
    {"learning", IFLA_VXLAN_LEARNING, Form::flag8},
    {"ageing", IFLA_VXLAN_AGEING, Form::u32},
    {"port", IFLA_VXLAN_PORT, Form::be16},
};

extern const Table kLinkTable;

constexpr Inside kPeer[] = {{"", &kLinkTable}};
constexpr Attribute kVethRows[] = {
    {"peer", VETH_INFO_PEER, Form::nested, Access::write, {}, kPeer},
};

constexpr Table kBridgeTable = {0, {}, kBridgeRows};
constexpr Table kBridgePortTable = {0, {}, kBridgePortRows};
constexpr Table kVethTable = {0, {}, kVethRows};
constexpr Table kMacvlanTable = {0, {}, kMacvlanRows};
constexpr Table kVxlanTable = {0, {}, kVxlanRows};

constexpr Inside kData[] = {
    {"bridge", &kBridgeTable},
    {"veth", &kVethTable},
    {"macvlan", &kMacvlanTable},
    {"macvtap", &kMacvlanTable},
    {"vxlan", &kVxlanTable},
};
constexpr Inside kPort[] = {{"", &kBridgePortTable}};
constexpr Attribute kLinkInfoRows[] = {
    {"kind", IFLA_INFO_KIND, Form::string},
    {"data", IFLA_INFO_DATA, Form::nested, Access::both, {}, kData},
    {"portKind", IFLA_INFO_SLAVE_KIND, Form::string},
    {"port", IFLA_INFO_SLAVE_DATA, Form::nested, Access::both, {}, kPort},
};
constexpr Table kLinkInfoTable = {0, {}, kLinkInfoRows};
constexpr Inside kLinkInfo[] = {{"", &kLinkInfoTable}};

constexpr Attribute kAltnameRows[] = {{"altname", IFLA_ALT_IFNAME, Form::string}};
constexpr Table kAltnameTable = {0, {}, kAltnameRows};
constexpr Inside kAltnames[] = {{"", &kAltnameTable}};

// Statistics are most of a link message's bytes.
constexpr NamedNumber kExtMasks[] = {{"skipStats", RTEXT_FILTER_SKIP_STATS}};

constexpr Attribute kLinkRows[] = {
    {"name", IFLA_IFNAME, Form::string},
    {"mtu", IFLA_MTU, Form::u32},
    {"mac", IFLA_ADDRESS, Form::mac},
    {"broadcast", IFLA_BROADCAST, Form::mac, Access::read},
    {"master", IFLA_MASTER, Form::u32},
    {"parent", IFLA_LINK, Form::u32},
    {"linkNetnsid", IFLA_LINK_NETNSID, Form::s32, Access::read},
    {"group", IFLA_GROUP, Form::u32},
    {"txQueueLength", IFLA_TXQLEN, Form::u32},
    {"numTxQueues", IFLA_NUM_TX_QUEUES, Form::u32},
    {"numRxQueues", IFLA_NUM_RX_QUEUES, Form::u32},
    {"alias", IFLA_IFALIAS, Form::string},
    {"operstate", IFLA_OPERSTATE, Form::u8, Access::read, kOperstates},
    {"netnsFd", IFLA_NET_NS_FD, Form::u32, Access::write},
    {"altname", IFLA_ALT_IFNAME, Form::string, Access::write},
    {"altnames", IFLA_PROP_LIST, Form::strings, Access::read, {}, kAltnames},
    {"", IFLA_LINKINFO, Form::nested, Access::both, {}, kLinkInfo},
    {"extMask", IFLA_EXT_MASK, Form::flags32, Access::write, kExtMasks},
};

constexpr size_t kFlags = offsetof(ifinfomsg, ifi_flags);
constexpr size_t kChange = offsetof(ifinfomsg, ifi_change);
constexpr Field kLinkHeader[] = {
    {"index", offsetof(ifinfomsg, ifi_index), Form::s32},
    {"up", kFlags, Form::bit, Access::both, {}, IFF_UP, kChange},
    {"promisc", kFlags, Form::bit, Access::both, {}, IFF_PROMISC, kChange},
    {"allmulticast", kFlags, Form::bit, Access::both, {}, IFF_ALLMULTI, kChange},
    {"loopback", kFlags, Form::bit, Access::read, {}, IFF_LOOPBACK},
    {"lowerUp", kFlags, Form::bit, Access::read, {}, IFF_LOWER_UP},
};
const Table kLinkTable = {sizeof(ifinfomsg), kLinkHeader, kLinkRows};

constexpr Request kRequests[] = {
    {"newLink", RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ECHO},
    // RTM_NEWLINK without NLM_F_CREATE, as `ip link set` does: RTM_SETLINK ignores IFLA_LINKINFO.
    {"setLink", RTM_NEWLINK, NLM_F_ACK},
    {"delLink", RTM_DELLINK, NLM_F_ACK},
    {"getLink", RTM_GETLINK, NLM_F_ACK},
    {"getLinks", RTM_GETLINK, NLM_F_DUMP},
};

}  // namespace

const KernelObject kLinks = {"link", kLinkTable, kRequests, RTM_NEWLINK};

}  // namespace netprim
