// Elements of sets and maps: NFT_MSG_NEWSETELEM and its kin (linux/netfilter/nf_tables.h).
#include "nft-tables.h"

namespace netprim {

namespace {

constexpr NamedNumber kFlags[] = {{"end", NFT_SET_ELEM_INTERVAL_END}, {"catchall", NFT_SET_ELEM_CATCHALL}};

// The types and the flag are nft's own (libnftnl/udata.h).
constexpr NamedNumber kOpen[] = {{"open", 1}};
constexpr Attribute kUserdataRows[] = {
    {"comment", 0, Form::string},
    {"interval", 1, Form::u32, Access::both, kOpen},
};
constexpr Table kUserdataTable = {0, {}, kUserdataRows};
constexpr Inside kUserdata[] = {{"", &kUserdataTable}};

constexpr Attribute kElementRows[] = {
    {"flags", NFTA_SET_ELEM_FLAGS, Form::flagsBe32, Access::both, kFlags},
    {"timeout", NFTA_SET_ELEM_TIMEOUT, Form::be64},
    {"expires", NFTA_SET_ELEM_EXPIRATION, Form::be64},
    {"key", NFTA_SET_ELEM_KEY, Form::value},
    // The upper ends of ranges in a concatenation.
    {"keyEnd", NFTA_SET_ELEM_KEY_END, Form::value},
    {"", NFTA_SET_ELEM_DATA, Form::nested, Access::both, {}, kNftData},
    {"", NFTA_SET_ELEM_USERDATA, Form::userdata, Access::both, {}, kUserdata},
    {"object", NFTA_SET_ELEM_OBJREF, Form::string},
    {"expressions", NFTA_SET_ELEM_EXPR, Form::only, Access::both, {}, kNftExpressions},
    {"expressions", NFTA_SET_ELEM_EXPRESSIONS, Form::list, Access::read, {}, kNftExpressions},
};
constexpr Table kElementTable = {0, {}, kElementRows};
constexpr Inside kElements[] = {{"", &kElementTable}};

constexpr Attribute kRows[] = {
    {"set", NFTA_SET_ELEM_LIST_SET, Form::string},
    {"setId", NFTA_SET_ELEM_LIST_SET_ID, Form::be32},
    {"table", NFTA_SET_ELEM_LIST_TABLE, Form::string},
    // They may be more than an attribute holds: whoever sends them writes them before, one by one.
    {"elements", NFTA_SET_ELEM_LIST_ELEMENTS, Form::written, Access::write},
    {"elements", NFTA_SET_ELEM_LIST_ELEMENTS, Form::list, Access::read, {}, kElements},
};
constexpr Table kTable = {sizeof(nfgenmsg), kNftHeader, kRows};

constexpr Request kRequests[] = {
    {"NFT_MSG_NEWSETELEM", nftMessage(NFT_MSG_NEWSETELEM)},
    {"NFT_MSG_GETSETELEM", nftMessage(NFT_MSG_GETSETELEM)},
    {"NFT_MSG_DELSETELEM", nftMessage(NFT_MSG_DELSETELEM)},
    {"NFT_MSG_DESTROYSETELEM", nftMessage(kDestroyElement)},
};

}  // namespace

const KernelObject kNftElements = {"nftElement", kTable, kRequests, nftMessage(NFT_MSG_NEWSETELEM)};

}  // namespace netprim
