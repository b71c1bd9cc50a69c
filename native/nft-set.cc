// Sets and maps of nftables: NFT_MSG_NEWSET and its kin (linux/netfilter/nf_tables.h).
#include "nft-tables.h"

namespace netprim {

namespace {

constexpr NamedNumber kFlags[] = {
    {"anonymous", NFT_SET_ANONYMOUS},
    {"constant", NFT_SET_CONSTANT},
    {"interval", NFT_SET_INTERVAL},
    {"map", NFT_SET_MAP},
    {"timeout", NFT_SET_TIMEOUT},
    {"dynamic", NFT_SET_EVAL},
    {"object", NFT_SET_OBJECT},
    {"concat", NFT_SET_CONCAT},
    {"expr", NFT_SET_EXPR},
};
constexpr NamedNumber kPolicies[] = {{"performance", NFT_SET_POL_PERFORMANCE}, {"memory", NFT_SET_POL_MEMORY}};
// All other types of values are numbers that only user space understands.
constexpr NamedNumber kDataTypes[] = {{"verdict", NFT_DATA_VERDICT}};
// What a map of objects names, as nft calls it.
constexpr NamedNumber kObjectTypes[] = {
    {"counter", NFT_OBJECT_COUNTER},
    {"quota", NFT_OBJECT_QUOTA},
    {"ct helper", NFT_OBJECT_CT_HELPER},
    {"limit", NFT_OBJECT_LIMIT},
    {"ct timeout", NFT_OBJECT_CT_TIMEOUT},
    {"secmark", NFT_OBJECT_SECMARK},
    {"ct expectation", NFT_OBJECT_CT_EXPECT},
    {"synproxy", NFT_OBJECT_SYNPROXY},
};

constexpr Attribute kFieldRows[] = {{"length", NFTA_SET_FIELD_LEN, Form::be32}};
constexpr Table kFieldTable = {0, {}, kFieldRows};
constexpr Inside kFields[] = {{"", &kFieldTable}};
constexpr Attribute kDescriptionRows[] = {
    {"size", NFTA_SET_DESC_SIZE, Form::be32},
    {"fields", NFTA_SET_DESC_CONCAT, Form::list, Access::both, {}, kFields},
};
constexpr Table kDescriptionTable = {0, {}, kDescriptionRows};
constexpr Inside kDescription[] = {{"", &kDescriptionTable}};

// nft's own numbers (enum byteorder in its datatype.h); without these it shows integers of such sets the wrong way
// round.
constexpr NamedNumber kByteorders[] = {{"host", 1}, {"network", 2}};
// So are the types of user data (libnftnl/udata.h).
constexpr Attribute kUserdataRows[] = {
    {"keyByteorder", 0, Form::u32, Access::both, kByteorders},
    {"dataByteorder", 1, Form::u32, Access::both, kByteorders},
    {"autoMerge", 2, Form::u32},
    {"dataInterval", 6, Form::u32},
    {"comment", 7, Form::string},
};
constexpr Table kUserdataTable = {0, {}, kUserdataRows};
constexpr Inside kUserdata[] = {{"", &kUserdataTable}};

constexpr Attribute kRows[] = {
    {"table", NFTA_SET_TABLE, Form::string},
    {"set", NFTA_SET_NAME, Form::string},
    {"handle", NFTA_SET_HANDLE, Form::be64},
    {"setFlags", NFTA_SET_FLAGS, Form::flagsBe32, Access::both, kFlags},
    {"keyType", NFTA_SET_KEY_TYPE, Form::be32},
    {"keyLength", NFTA_SET_KEY_LEN, Form::be32},
    {"dataType", NFTA_SET_DATA_TYPE, Form::be32, Access::both, kDataTypes},
    {"dataLength", NFTA_SET_DATA_LEN, Form::be32},
    {"objectType", NFTA_SET_OBJ_TYPE, Form::be32, Access::both, kObjectTypes},
    {"setId", NFTA_SET_ID, Form::be32},
    {"policy", NFTA_SET_POLICY, Form::be32, Access::both, kPolicies},
    {"", NFTA_SET_DESC, Form::nested, Access::both, {}, kDescription},
    {"timeout", NFTA_SET_TIMEOUT, Form::be64},
    {"gcInterval", NFTA_SET_GC_INTERVAL, Form::be32},
    {"", NFTA_SET_USERDATA, Form::userdata, Access::both, {}, kUserdata},
    {"expressions", NFTA_SET_EXPR, Form::only, Access::both, {}, kNftExpressions},
    {"expressions", NFTA_SET_EXPRESSIONS, Form::list, Access::read, {}, kNftExpressions},
};
constexpr Table kTable = {sizeof(nfgenmsg), kNftHeader, kRows};

constexpr Request kRequests[] = {
    {"NFT_MSG_NEWSET", nftMessage(NFT_MSG_NEWSET)},
    {"NFT_MSG_GETSET", nftMessage(NFT_MSG_GETSET)},
    {"NFT_MSG_DELSET", nftMessage(NFT_MSG_DELSET)},
    {"NFT_MSG_DESTROYSET", nftMessage(kDestroySet)},
};

}  // namespace

const KernelObject kNftSets = {"nftSet", kTable, kRequests, nftMessage(NFT_MSG_NEWSET)};

}  // namespace netprim
