// Chains of nftables: NFT_MSG_NEWCHAIN and its kin, with the hooks of each family (linux/netfilter/nf_tables.h).
#include <linux/netfilter_arp.h>
#include <linux/netfilter_bridge.h>

#include "nft-tables.h"

namespace netprim {

namespace {

constexpr Attribute kDeviceRows[] = {{"device", NFTA_DEVICE_NAME, Form::string}};
constexpr Table kDeviceTable = {0, {}, kDeviceRows};
constexpr Inside kDevices[] = {{"", &kDeviceTable}};

constexpr Attribute hookNumber(Names hooks) { return {"hook", NFTA_HOOK_HOOKNUM, Form::be32, Access::both, hooks}; }
constexpr Attribute kPriority = {"prio", NFTA_HOOK_PRIORITY, Form::be32s};
constexpr Attribute kDevice = {"dev", NFTA_HOOK_DEV, Form::string};
constexpr Attribute kDeviceList = {"devices", NFTA_HOOK_DEVS, Form::strings, Access::both, {}, kDevices};

constexpr NamedNumber kInetHooks[] = {
    {"prerouting", NF_INET_PRE_ROUTING},
    {"input", NF_INET_LOCAL_IN},
    {"forward", NF_INET_FORWARD},
    {"output", NF_INET_LOCAL_OUT},
    {"postrouting", NF_INET_POST_ROUTING},
    {"ingress", NF_INET_INGRESS},
};
constexpr Attribute kInetRows[] = {hookNumber(kInetHooks), kPriority, kDevice, kDeviceList};
constexpr Table kInetTable = {0, {}, kInetRows};

constexpr NamedNumber kArpHooks[] = {{"input", NF_ARP_IN}, {"output", NF_ARP_OUT}, {"forward", NF_ARP_FORWARD}};
constexpr Attribute kArpRows[] = {hookNumber(kArpHooks), kPriority, kDevice, kDeviceList};
constexpr Table kArpTable = {0, {}, kArpRows};

constexpr NamedNumber kBridgeHooks[] = {
    {"prerouting", NF_BR_PRE_ROUTING},
    {"input", NF_BR_LOCAL_IN},
    {"forward", NF_BR_FORWARD},
    {"output", NF_BR_LOCAL_OUT},
    {"postrouting", NF_BR_POST_ROUTING},
};
constexpr Attribute kBridgeRows[] = {hookNumber(kBridgeHooks), kPriority, kDevice, kDeviceList};
constexpr Table kBridgeTable = {0, {}, kBridgeRows};

constexpr NamedNumber kNetdevHooks[] = {{"ingress", NF_NETDEV_INGRESS}, {"egress", NF_NETDEV_EGRESS}};
constexpr Attribute kNetdevRows[] = {hookNumber(kNetdevHooks), kPriority, kDevice, kDeviceList};
constexpr Table kNetdevTable = {0, {}, kNetdevRows};

constexpr Inside kHooks[] = {
    {"ip", &kInetTable},
    {"ip6", &kInetTable},
    {"inet", &kInetTable},
    {"arp", &kArpTable},
    {"bridge", &kBridgeTable},
    {"netdev", &kNetdevTable},
};

constexpr NamedNumber kPolicies[] = {{"drop", NF_DROP}, {"accept", NF_ACCEPT}};

constexpr Attribute kRows[] = {
    {"table", NFTA_CHAIN_TABLE, Form::string},
    {"chain", NFTA_CHAIN_NAME, Form::string},
    {"", NFTA_CHAIN_HOOK, Form::nested, Access::both, {}, kHooks, "family"},
    {"policy", NFTA_CHAIN_POLICY, Form::be32, Access::both, kPolicies},
    {"handle", NFTA_CHAIN_HANDLE, Form::be64},
    {"type", NFTA_CHAIN_TYPE, Form::string},
    {"", NFTA_CHAIN_USERDATA, Form::userdata, Access::both, {}, kNftComment},
};
constexpr Table kTable = {sizeof(nfgenmsg), kNftHeader, kRows};

constexpr Request kRequests[] = {
    {"NFT_MSG_NEWCHAIN", nftMessage(NFT_MSG_NEWCHAIN)},
    {"NFT_MSG_GETCHAIN", nftMessage(NFT_MSG_GETCHAIN)},
    {"NFT_MSG_DELCHAIN", nftMessage(NFT_MSG_DELCHAIN)},
    {"NFT_MSG_DESTROYCHAIN", nftMessage(kDestroyChain)},
};

}  // namespace

const KernelObject kNftChains = {"nftChain", kTable, kRequests, nftMessage(NFT_MSG_NEWCHAIN)};

}  // namespace netprim
