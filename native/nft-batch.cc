// The frame of a transaction, and the generation of a ruleset that it may be for (linux/netfilter/nfnetlink.h).
#include <linux/netlink.h>

#include "nft-tables.h"

namespace netprim {

namespace {

constexpr NamedNumber kSubsystems[] = {{"nftables", NFNL_SUBSYS_NFTABLES}};
constexpr Field kBatchHeader[] = {
    {"subsystem", offsetof(nfgenmsg, res_id), Form::be16, Access::both, kSubsystems},
};
constexpr Attribute kBatchRows[] = {{"generation", NFNL_BATCH_GENID, Form::be32}};
constexpr Table kBatchTable = {sizeof(nfgenmsg), kBatchHeader, kBatchRows};
constexpr Request kBatchRequests[] = {
    {"NFNL_MSG_BATCH_BEGIN", NFNL_MSG_BATCH_BEGIN},
    {"NFNL_MSG_BATCH_END", NFNL_MSG_BATCH_END},
};

constexpr Attribute kGenerationRows[] = {{"generation", NFTA_GEN_ID, Form::be32, Access::read}};
constexpr Table kGenerationTable = {sizeof(nfgenmsg), kNftHeader, kGenerationRows};
constexpr Request kGenerationRequests[] = {{"NFT_MSG_GETGEN", nftMessage(NFT_MSG_GETGEN)}};

}  // namespace

const KernelObject kNftBatches = {"nftBatch", kBatchTable, kBatchRequests, NFNL_MSG_BATCH_BEGIN};
const KernelObject kNftGenerations = {
    "nftGeneration", kGenerationTable, kGenerationRequests, nftMessage(NFT_MSG_NEWGEN)};

}  // namespace netprim
