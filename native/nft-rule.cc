// Rules of nftables: NFT_MSG_NEWRULE and its kin (linux/netfilter/nf_tables.h).
#include "nft-tables.h"

namespace netprim {

namespace {

constexpr Attribute kRows[] = {
    {"table", NFTA_RULE_TABLE, Form::string},
    {"chain", NFTA_RULE_CHAIN, Form::string},
    {"handle", NFTA_RULE_HANDLE, Form::be64},
    {"position", NFTA_RULE_POSITION, Form::be64},
    {"", NFTA_RULE_USERDATA, Form::userdata, Access::both, {}, kNftComment},
    {"expressions", NFTA_RULE_EXPRESSIONS, Form::list, Access::both, {}, kNftExpressions},
};
constexpr Table kTable = {sizeof(nfgenmsg), kNftHeader, kRows};

constexpr Request kRequests[] = {
    {"NFT_MSG_NEWRULE", nftMessage(NFT_MSG_NEWRULE)},
    {"NFT_MSG_GETRULE", nftMessage(NFT_MSG_GETRULE)},
    {"NFT_MSG_DELRULE", nftMessage(NFT_MSG_DELRULE)},
    {"NFT_MSG_DESTROYRULE", nftMessage(kDestroyRule)},
};

}  // namespace

const KernelObject kNftRules = {"nftRule", kTable, kRequests, nftMessage(NFT_MSG_NEWRULE)};

}  // namespace netprim
