// Tables of nftables: NFT_MSG_NEWTABLE and its kin (linux/netfilter/nf_tables.h).
#include "nft-tables.h"

namespace netprim {

namespace {

constexpr NamedNumber kFlags[] = {{"dormant", NFT_TABLE_F_DORMANT}, {"owner", NFT_TABLE_F_OWNER}};

constexpr Attribute kRows[] = {
    {"table", NFTA_TABLE_NAME, Form::string},
    {"handle", NFTA_TABLE_HANDLE, Form::be64},
    {"tableFlags", NFTA_TABLE_FLAGS, Form::flagsBe32, Access::both, kFlags},
    {"", NFTA_TABLE_USERDATA, Form::userdata, Access::both, {}, kNftComment},
};
constexpr Table kTable = {sizeof(nfgenmsg), kNftHeader, kRows};

constexpr Request kRequests[] = {
    {"NFT_MSG_NEWTABLE", nftMessage(NFT_MSG_NEWTABLE)},
    {"NFT_MSG_GETTABLE", nftMessage(NFT_MSG_GETTABLE)},
    {"NFT_MSG_DELTABLE", nftMessage(NFT_MSG_DELTABLE)},
    {"NFT_MSG_DESTROYTABLE", nftMessage(kDestroyTable)},
};

}  // namespace

const KernelObject kNftTables = {"nftTable", kTable, kRequests, nftMessage(NFT_MSG_NEWTABLE)};

}  // namespace netprim
