// Routes: RTM_NEWROUTE and its kin (linux/rtnetlink.h), with the nexthops of multipath routes.
#include <linux/rtnetlink.h>

#include "route-names.h"
#include "table.h"

namespace netprim {

namespace {

constexpr NamedNumber kTypes[] = {
    {"unicast", RTN_UNICAST},
    {"local", RTN_LOCAL},
    {"broadcast", RTN_BROADCAST},
    {"anycast", RTN_ANYCAST},
    {"multicast", RTN_MULTICAST},
    {"blackhole", RTN_BLACKHOLE},
    {"unreachable", RTN_UNREACHABLE},
    {"prohibit", RTN_PROHIBIT},
    {"throw", RTN_THROW},
};

constexpr NamedNumber kFlags[] = {
    {"dead", RTNH_F_DEAD},
    {"pervasive", RTNH_F_PERVASIVE},
    {"onlink", RTNH_F_ONLINK},
    {"offload", RTNH_F_OFFLOAD},
    {"linkdown", RTNH_F_LINKDOWN},
    {"cloned", RTM_F_CLONED},
};
constexpr NamedNumber kAskedFlags[] = {
    {"onlink", RTNH_F_ONLINK}, {"pervasive", RTNH_F_PERVASIVE}, {"lookup_table", RTM_F_LOOKUP_TABLE}};

constexpr NamedNumber kTables[] = {{"default", RT_TABLE_DEFAULT}, {"main", RT_TABLE_MAIN}, {"local", RT_TABLE_LOCAL}};

constexpr Attribute kMetricRows[] = {
    {"mtu", RTAX_MTU, Form::u32},
    {"window", RTAX_WINDOW, Form::u32},
    {"rtt", RTAX_RTT, Form::u32},
    {"advmss", RTAX_ADVMSS, Form::u32},
    {"hoplimit", RTAX_HOPLIMIT, Form::u32},
    {"initcwnd", RTAX_INITCWND, Form::u32},
    {"initrwnd", RTAX_INITRWND, Form::u32},
};
constexpr Table kMetricTable = {0, {}, kMetricRows};
constexpr Inside kMetrics[] = {{"", &kMetricTable}};

constexpr Attribute kNexthopRows[] = {
    {"via", RTA_GATEWAY, Form::ip},
};
constexpr Field kNexthopHeader[] = {
    {"link", offsetof(rtnexthop, rtnh_ifindex), Form::s32},
    {"weight", offsetof(rtnexthop, rtnh_hops), Form::oneLess8},
    {"flags", offsetof(rtnexthop, rtnh_flags), Form::flags8, Access::both, kFlags},
};
constexpr Table kNexthopTable = {sizeof(rtnexthop), kNexthopHeader, kNexthopRows};
constexpr Inside kNexthops[] = {{"", &kNexthopTable}};

constexpr Attribute kRows[] = {
    {"to", RTA_DST, Form::ip},
    {"from", RTA_SRC, Form::ip},
    {"iif", RTA_IIF, Form::u32},
    {"link", RTA_OIF, Form::u32},
    {"via", RTA_GATEWAY, Form::ip},
    {"metric", RTA_PRIORITY, Form::u32},
    {"src", RTA_PREFSRC, Form::ip},
    {"table", RTA_TABLE, Form::u32, Access::both, kTables},
    {"mark", RTA_MARK, Form::u32},
    {"uid", RTA_UID, Form::u32},
    {"", RTA_METRICS, Form::nested, Access::both, {}, kMetrics},
    {"nexthops", RTA_MULTIPATH, Form::records, Access::both, {}, kNexthops},
};

constexpr Field kHeader[] = {
    {"family", offsetof(rtmsg, rtm_family), Form::u8, Access::both, kFamilies},
    {"toLength", offsetof(rtmsg, rtm_dst_len), Form::u8},
    {"fromLength", offsetof(rtmsg, rtm_src_len), Form::u8},
    {"tos", offsetof(rtmsg, rtm_tos), Form::u8},
    // Eight bits; the attribute of the same name, which the kernel sends too, has all of them.
    {"table", offsetof(rtmsg, rtm_table), Form::u8, Access::read, kTables},
    {"protocol", offsetof(rtmsg, rtm_protocol), Form::u8, Access::both, kProtocols},
    {"scope", offsetof(rtmsg, rtm_scope), Form::u8, Access::both, kScopes},
    {"type", offsetof(rtmsg, rtm_type), Form::u8, Access::both, kTypes},
    {"flags", offsetof(rtmsg, rtm_flags), Form::flags32, Access::write, kAskedFlags},
    {"flags", offsetof(rtmsg, rtm_flags), Form::flags32, Access::read, kFlags},
};
constexpr Table kTable = {sizeof(rtmsg), kHeader, kRows};

constexpr Request kRequests[] = {
    {"newRoute", RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL},
    {"replaceRoute", RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE},
    {"delRoute", RTM_DELROUTE, NLM_F_ACK},
    {"getRoute", RTM_GETROUTE, NLM_F_ACK},
    {"getRoutes", RTM_GETROUTE, NLM_F_DUMP},
};

}  // namespace

const KernelObject kRoutes = {"route", kTable, kRequests, RTM_NEWROUTE};

}  // namespace netprim
