// The words that several of nftables' objects have in common, as `nft -j` prints them.
#pragma once

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "names.h"

namespace netprim {

inline constexpr NamedNumber kNftFamilies[] = {
    {"unspec", NFPROTO_UNSPEC},
    {"ip", NFPROTO_IPV4},
    {"ip6", NFPROTO_IPV6},
    {"inet", NFPROTO_INET},
    {"arp", NFPROTO_ARP},
    {"bridge", NFPROTO_BRIDGE},
    {"netdev", NFPROTO_NETDEV},
};

inline constexpr NamedNumber kNftVerdicts[] = {
    {"drop", NF_DROP},
    {"accept", NF_ACCEPT},
    {"continue", static_cast<uint32_t>(NFT_CONTINUE)},
    {"jump", static_cast<uint32_t>(NFT_JUMP)},
    {"goto", static_cast<uint32_t>(NFT_GOTO)},
    {"return", static_cast<uint32_t>(NFT_RETURN)},
};

}  // namespace netprim
