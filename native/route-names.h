// The words that addresses, routes and neighbours have in common, as `ip` prints them.
#pragma once

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "names.h"

namespace netprim {

inline constexpr NamedNumber kFamilies[] = {{"ipv4", AF_INET}, {"ipv6", AF_INET6}, {"bridge", AF_BRIDGE}};

inline constexpr NamedNumber kScopes[] = {
    {"global", RT_SCOPE_UNIVERSE},
    {"site", RT_SCOPE_SITE},
    {"link", RT_SCOPE_LINK},
    {"host", RT_SCOPE_HOST},
    {"nowhere", RT_SCOPE_NOWHERE},
};

inline constexpr NamedNumber kProtocols[] = {
    {"redirect", RTPROT_REDIRECT},
    {"kernel", RTPROT_KERNEL},
    {"boot", RTPROT_BOOT},
    {"static", RTPROT_STATIC},
    {"ra", RTPROT_RA},
    {"dhcp", RTPROT_DHCP},
    {"bird", RTPROT_BIRD},
    {"zebra", RTPROT_ZEBRA},
};

}  // namespace netprim
