// Neighbours: RTM_NEWNEIGH and its kin (linux/neighbour.h).
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "codec.h"
#include "route-names.h"

namespace netprim {

namespace {

constexpr NamedNumber kStates[] = {
    {"none", NUD_NONE},
    {"incomplete", NUD_INCOMPLETE},
    {"reachable", NUD_REACHABLE},
    {"stale", NUD_STALE},
    {"delay", NUD_DELAY},
    {"probe", NUD_PROBE},
    {"failed", NUD_FAILED},
    {"noarp", NUD_NOARP},
    {"permanent", NUD_PERMANENT},
};

constexpr NamedNumber kFlags[] = {
    {"use", NTF_USE},
    {"self", NTF_SELF},
    {"master", NTF_MASTER},
    {"proxy", NTF_PROXY},
    {"extern_learn", NTF_EXT_LEARNED},
    {"offload", NTF_OFFLOADED},
    {"sticky", NTF_STICKY},
    {"router", NTF_ROUTER},
};

constexpr Attribute kRows[] = {
    {"address", NDA_DST, Form::ip},
    {"mac", NDA_LLADDR, Form::mac},
    {"master", NDA_MASTER, Form::u32},
    {"link", NDA_IFINDEX, Form::u32, Access::write},
};

void encodeNeighbour(Message& message, const Napi::Object& record) {
  auto* header = message.header<ndmsg>();
  header->ndm_family = static_cast<uint8_t>(numberIn(record, "family", AF_UNSPEC, kFamilies));
  header->ndm_ifindex = static_cast<int>(numberIn(record, "index"));
  header->ndm_state = static_cast<uint16_t>(numberIn(record, "state", NUD_NONE, kStates));
  const Napi::Value flags = record.Get("flags");
  if (!flags.IsUndefined()) header->ndm_flags = static_cast<uint8_t>(flagsOf(flags, kFlags));
  encodeAttributes(message, record, kRows);
}

void decodeNeighbour(Napi::Object record, const nlmsghdr* message) {
  if (mnl_nlmsg_get_payload_len(message) < sizeof(ndmsg)) return;
  const Napi::Env env = record.Env();
  const auto* header = static_cast<const ndmsg*>(mnl_nlmsg_get_payload(message));
  record.Set("family", nameOf(env, header->ndm_family, kFamilies));
  record.Set("index", header->ndm_ifindex);
  record.Set("state", nameOf(env, header->ndm_state, kStates));
  record.Set("flags", flagNames(env, header->ndm_flags, kFlags));
  decodeAttributes(record, AttributeRange::after(message, sizeof(ndmsg)), kRows);
}

}  // namespace

Layout neighbourLayout() { return {RTM_NEWNEIGH, RTM_GETNEIGH, sizeof(ndmsg), kRows}; }

void registerNeighbour(Napi::Env env, Napi::Object exports) {
  exportEncoder(
      env, exports, "encodeNewNeighbour", encodeNeighbour, RTM_NEWNEIGH, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
  exportEncoder(
      env, exports, "encodeReplaceNeighbour", encodeNeighbour, RTM_NEWNEIGH, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE);
  exportEncoder(env, exports, "encodeDelNeighbour", encodeNeighbour, RTM_DELNEIGH, NLM_F_ACK);
  exportEncoder(env, exports, "encodeGetNeighbours", encodeNeighbour, RTM_GETNEIGH, NLM_F_DUMP);
  exportDecoder(env, exports, "decodeNeighbours", decodeNeighbour, RTM_NEWNEIGH);
}

}  // namespace netprim
