// Addresses: RTM_NEWADDR and its kin (linux/if_addr.h).
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "route-names.h"
#include "table.h"

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

constexpr Field kLifetimesHeader[] = {
    {"validLifetime", offsetof(ifa_cacheinfo, ifa_valid), Form::u32, Access::both, {}, 0, 0, true},
    {"preferredLifetime", offsetof(ifa_cacheinfo, ifa_prefered), Form::u32, Access::both, {}, 0, 0, true},
};
constexpr Table kLifetimesTable = {sizeof(ifa_cacheinfo), kLifetimesHeader, {}};
constexpr Inside kLifetimes[] = {{"", &kLifetimesTable}};

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
    {"", IFA_CACHEINFO, Form::structure, Access::both, {}, kLifetimes},
};

constexpr Field kHeader[] = {
    {"family", offsetof(ifaddrmsg, ifa_family), Form::u8, Access::both, kFamilies},
    {"prefixLength", offsetof(ifaddrmsg, ifa_prefixlen), Form::u8},
    {"scope", offsetof(ifaddrmsg, ifa_scope), Form::u8, Access::both, kScopes},
    {"index", offsetof(ifaddrmsg, ifa_index), Form::u32},
};
constexpr Table kTable = {sizeof(ifaddrmsg), kHeader, kRows};

constexpr Request kRequests[] = {
    {"newAddress", RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL},
    {"replaceAddress", RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE},
    {"delAddress", RTM_DELADDR, NLM_F_ACK},
    {"getAddresses", RTM_GETADDR, NLM_F_DUMP},
};

}  // namespace

const KernelObject kAddresses = {"address", kTable, kRequests, RTM_NEWADDR};

}  // namespace netprim
