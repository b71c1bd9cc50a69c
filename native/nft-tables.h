// What the tables of nftables' objects have in common: their header, families, verdicts, values and expressions.
#pragma once

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "table.h"

namespace netprim {

constexpr uint16_t nftMessage(uint16_t type) { return NFNL_SUBSYS_NFTABLES << 8 | type; }

// Since Linux 6.3; the headers that netprim is built with may be older.
enum NftDestroy : uint16_t { kDestroyTable = 26, kDestroyChain, kDestroyRule, kDestroySet, kDestroyElement };

inline constexpr NamedNumber kNftFamilies[] = {
    {"unspec", NFPROTO_UNSPEC},
    {"ip", NFPROTO_IPV4},
    {"ip6", NFPROTO_IPV6},
    {"inet", NFPROTO_INET},
    {"arp", NFPROTO_ARP},
    {"bridge", NFPROTO_BRIDGE},
    {"netdev", NFPROTO_NETDEV},
};

// NFNETLINK_V0 is what a header says of itself that no record says anything of.
inline constexpr Field kNftHeader[] = {
    {"family", offsetof(nfgenmsg, nfgen_family), Form::u8, Access::both, kNftFamilies},
};

// { name: 'meta', key: 'iifname', dreg: 0 }: what NFTA_EXPR_DATA has depends on the name; of what has no table only the
// name is told.
extern const Table kNftExpressionTable;
// A value, or a verdict and its chain.
extern const Table kNftDataTable;

inline constexpr Inside kNftExpressions[] = {{"", &kNftExpressionTable}};
inline constexpr Inside kNftData[] = {{"", &kNftDataTable}};

// The types of user data are no kernel's: nft gave them their numbers (libnftnl/udata.h), and so do all who would be
// understood by it.
inline constexpr Attribute kNftCommentRows[] = {{"comment", 0, Form::string}};
inline constexpr Table kNftCommentTable = {0, {}, kNftCommentRows};
inline constexpr Inside kNftComment[] = {{"", &kNftCommentTable}};

}  // namespace netprim
