// Addresses: RTM_NEWADDR and its kin (linux/if_addr.h).
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "codec.h"
#include "route-names.h"

namespace netprim {

namespace {

constexpr NamedNumber kFlags[] = {
    {"secondary", IFA_F_SECONDARY},
    {"nodad", IFA_F_NODAD},
    {"optimistic", IFA_F_OPTIMISTIC},
    {"dadfailed", IFA_F_DADFAILED},
    {"home", IFA_F_HOMEADDRESS},
    {"deprecated", IFA_F_DEPRECATED},
    {"tentative", IFA_F_TENTATIVE},
    {"permanent", IFA_F_PERMANENT},
    {"mngtmpaddr", IFA_F_MANAGETEMPADDR},
    {"noprefixroute", IFA_F_NOPREFIXROUTE},
    {"autojoin", IFA_F_MCAUTOJOIN},
    {"stable-privacy", IFA_F_STABLE_PRIVACY},
};

constexpr Attribute kRows[] = {
    // IFA_LOCAL is the interface's own address and IFA_ADDRESS the other end's, or the own one again where there is no
    // other.
    // IPv6 says only IFA_ADDRESS in that case.
    {"address", IFA_ADDRESS, Form::ip},
    {"local", IFA_LOCAL, Form::ip},
    {"broadcast", IFA_BROADCAST, Form::ip},
    {"label", IFA_LABEL, Form::string},
    {"metric", IFA_RT_PRIORITY, Form::u32},
    {"flags", IFA_FLAGS, Form::flags32, Access::both, kFlags},
    {"validLifetime", IFA_CACHEINFO, Form::byHand},
};

void encodeAddress(Message& message, const Napi::Object& record) {
  auto* header = message.header<ifaddrmsg>();
  header->ifa_family = static_cast<uint8_t>(numberIn(record, "family", AF_UNSPEC, kFamilies));
  header->ifa_prefixlen = static_cast<uint8_t>(numberIn(record, "prefixLength"));
  header->ifa_scope = static_cast<uint8_t>(numberIn(record, "scope", RT_SCOPE_UNIVERSE, kScopes));
  header->ifa_index = numberIn(record, "index");
  encodeAttributes(message, record, kRows);
  const Napi::Value valid = record.Get("validLifetime");
  const Napi::Value preferred = record.Get("preferredLifetime");
  if (valid.IsUndefined() && preferred.IsUndefined()) return;
  const ifa_cacheinfo lifetimes = {
      .ifa_prefered = numberIn(record, "preferredLifetime", numberIn(record, "validLifetime", UINT32_MAX)),
      .ifa_valid = numberIn(record, "validLifetime", UINT32_MAX),
      .cstamp = 0,
      .tstamp = 0,
  };
  message.put(IFA_CACHEINFO, lifetimes);
}

void decodeAddress(Napi::Object record, const nlmsghdr* message) {
  if (mnl_nlmsg_get_payload_len(message) < sizeof(ifaddrmsg)) return;
  const Napi::Env env = record.Env();
  const auto* header = static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(message));
  record.Set("family", nameOf(env, header->ifa_family, kFamilies));
  record.Set("prefixLength", header->ifa_prefixlen);
  record.Set("scope", nameOf(env, header->ifa_scope, kScopes));
  record.Set("index", header->ifa_index);
  const AttributeRange range = AttributeRange::after(message, sizeof(ifaddrmsg));
  decodeAttributes(record, range, kRows);
  const nlattr* lifetimes = range.find(IFA_CACHEINFO);
  if (lifetimes == nullptr || mnl_attr_get_payload_len(lifetimes) < sizeof(ifa_cacheinfo)) return;
  const auto* info = static_cast<const ifa_cacheinfo*>(mnl_attr_get_payload(lifetimes));
  if (info->ifa_valid != UINT32_MAX) record.Set("validLifetime", info->ifa_valid);
  if (info->ifa_prefered != UINT32_MAX) record.Set("preferredLifetime", info->ifa_prefered);
}

}  // namespace

Layout addressLayout() { return {RTM_NEWADDR, RTM_GETADDR, sizeof(ifaddrmsg), kRows}; }

void registerAddress(Napi::Env env, Napi::Object exports) {
  exportEncoder(env, exports, "encodeNewAddress", encodeAddress, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
  exportEncoder(
      env, exports, "encodeReplaceAddress", encodeAddress, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE);
  exportEncoder(env, exports, "encodeDelAddress", encodeAddress, RTM_DELADDR, NLM_F_ACK);
  exportEncoder(env, exports, "encodeGetAddresses", encodeAddress, RTM_GETADDR, NLM_F_DUMP);
  exportDecoder(env, exports, "decodeAddresses", decodeAddress, RTM_NEWADDR);
}

}  // namespace netprim
