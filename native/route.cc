// Routes: RTM_NEWROUTE and its kin (linux/rtnetlink.h), nexthops of multipath routes included.
#include <linux/rtnetlink.h>

#include "codec.h"
#include "route-names.h"

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
    {"lookup_table", RTM_F_LOOKUP_TABLE},
};

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
Attributes metricRows(std::string_view) { return kMetricRows; }

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
    {"nexthops", RTA_MULTIPATH, Form::byHand},
    {"", RTA_METRICS, Form::nested, Access::both, {}, metricRows},
};

constexpr Attribute kNexthopRows[] = {
    {"via", RTA_GATEWAY, Form::ip},
};

// RTA_MULTIPATH is no list of attributes but of struct rtnexthop, each with attributes of its own behind it.
void encodeNexthops(Message& message, const Napi::Array& nexthops) {
  Nest nest(message, RTA_MULTIPATH);
  for (uint32_t i = 0; i < nexthops.Length(); i++) {
    const auto record = nexthops.Get(i).As<Napi::Object>();
    const size_t offset = message.size();
    auto* nexthop = message.header<rtnexthop>();
    nexthop->rtnh_ifindex = static_cast<int>(numberIn(record, "link"));
    nexthop->rtnh_hops = static_cast<uint8_t>(numberIn(record, "weight", 1) - 1);
    if (booleanIn(record, "onlink")) nexthop->rtnh_flags = RTNH_F_ONLINK;
    encodeAttributes(message, record, kNexthopRows);
    auto* start = reinterpret_cast<uint8_t*>(message.get()) + offset;
    reinterpret_cast<rtnexthop*>(start)->rtnh_len = static_cast<uint16_t>(message.size() - offset);
  }
}

Napi::Array decodeNexthops(Napi::Env env, const nlattr* multipath) {
  auto list = Napi::Array::New(env);
  const auto* at = static_cast<const uint8_t*>(mnl_attr_get_payload(multipath));
  size_t left = mnl_attr_get_payload_len(multipath);
  while (left >= sizeof(rtnexthop)) {
    const auto* nexthop = reinterpret_cast<const rtnexthop*>(at);
    const size_t length = nexthop->rtnh_len;
    if (length < sizeof(rtnexthop) || length > left) break;
    auto record = Napi::Object::New(env);
    record.Set("link", nexthop->rtnh_ifindex);
    record.Set("weight", nexthop->rtnh_hops + 1);
    record.Set("flags", flagNames(env, nexthop->rtnh_flags, kFlags));
    decodeAttributes(record, AttributeRange(at + sizeof(rtnexthop), length - sizeof(rtnexthop)), kNexthopRows);
    list.Set(list.Length(), record);
    const size_t step = std::min<size_t>(MNL_ALIGN(length), left);
    at += step;
    left -= step;
  }
  return list;
}

void encodeRoute(Message& message, const Napi::Object& record) {
  auto* header = message.header<rtmsg>();
  header->rtm_family = static_cast<uint8_t>(numberIn(record, "family", AF_UNSPEC, kFamilies));
  header->rtm_dst_len = static_cast<uint8_t>(numberIn(record, "toLength"));
  header->rtm_src_len = static_cast<uint8_t>(numberIn(record, "fromLength"));
  header->rtm_tos = static_cast<uint8_t>(numberIn(record, "tos"));
  // RTA_TABLE says the table; the 8-bit field beside it is for kernels before 2.6.19.
  header->rtm_table = RT_TABLE_UNSPEC;
  header->rtm_protocol = static_cast<uint8_t>(numberIn(record, "protocol", 0, kProtocols));
  header->rtm_scope = static_cast<uint8_t>(numberIn(record, "scope", RT_SCOPE_UNIVERSE, kScopes));
  header->rtm_type = static_cast<uint8_t>(numberIn(record, "type", 0, kTypes));
  const Napi::Value flags = record.Get("flags");
  if (!flags.IsUndefined()) header->rtm_flags = flagsOf(flags, kFlags);
  encodeAttributes(message, record, kRows);
  const Napi::Value nexthops = record.Get("nexthops");
  if (nexthops.IsArray()) encodeNexthops(message, nexthops.As<Napi::Array>());
}

void decodeRoute(Napi::Object record, const nlmsghdr* message) {
  if (mnl_nlmsg_get_payload_len(message) < sizeof(rtmsg)) return;
  const Napi::Env env = record.Env();
  const auto* header = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(message));
  record.Set("family", nameOf(env, header->rtm_family, kFamilies));
  record.Set("toLength", header->rtm_dst_len);
  record.Set("fromLength", header->rtm_src_len);
  record.Set("tos", header->rtm_tos);
  record.Set("table", nameOf(env, header->rtm_table, kTables));
  record.Set("protocol", nameOf(env, header->rtm_protocol, kProtocols));
  record.Set("scope", nameOf(env, header->rtm_scope, kScopes));
  record.Set("type", nameOf(env, header->rtm_type, kTypes));
  record.Set("flags", flagNames(env, header->rtm_flags, kFlags));
  const AttributeRange range = AttributeRange::after(message, sizeof(rtmsg));
  decodeAttributes(record, range, kRows);
  const nlattr* multipath = range.find(RTA_MULTIPATH);
  if (multipath != nullptr) record.Set("nexthops", decodeNexthops(env, multipath));
}

}  // namespace

Layout routeLayout() { return {RTM_NEWROUTE, RTM_GETROUTE, sizeof(rtmsg), kRows}; }

void registerRoute(Napi::Env env, Napi::Object exports) {
  exportEncoder(env, exports, "encodeNewRoute", encodeRoute, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
  exportEncoder(
      env, exports, "encodeReplaceRoute", encodeRoute, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE);
  exportEncoder(env, exports, "encodeDelRoute", encodeRoute, RTM_DELROUTE, NLM_F_ACK);
  exportEncoder(env, exports, "encodeGetRoute", encodeRoute, RTM_GETROUTE, NLM_F_ACK);
  exportEncoder(env, exports, "encodeGetRoutes", encodeRoute, RTM_GETROUTE, NLM_F_DUMP);
  exportDecoder(env, exports, "decodeRoutes", decodeRoute, RTM_NEWROUTE);
}

}  // namespace netprim
