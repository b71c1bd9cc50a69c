// Neighbours: RTM_NEWNEIGH and its kin (linux/neighbour.h).
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "route-names.h"
#include "table.h"

namespace netprim {

namespace {

constexpr NamedNumber kStates[] = {
    {"none", NUD_NONE},
    {"incomplete", NUD_INCOMPLETE},
    {"reachable", NUD_REACHABLE},
    {"stale", NUD_STALE},
    {"delay", NUD_DELAY},
    {"probe", NUD_PROBE},
    {"failed", NUD_FAILED},
    {"noarp", NUD_NOARP},
    {"permanent", NUD_PERMANENT},
};

constexpr NamedNumber kFlags[] = {
    {"use", NTF_USE},
    {"self", NTF_SELF},
    {"master", NTF_MASTER},
    {"proxy", NTF_PROXY},
    {"extern_learn", NTF_EXT_LEARNED},
    {"offload", NTF_OFFLOADED},
    {"sticky", NTF_STICKY},
    {"router", NTF_ROUTER},
};

constexpr Attribute kRows[] = {
    {"address", NDA_DST, Form::ip},
    {"mac", NDA_LLADDR, Form::mac},
    {"master", NDA_MASTER, Form::u32},
    {"link", NDA_IFINDEX, Form::u32, Access::write},
};

constexpr Field kHeader[] = {
    {"family", offsetof(ndmsg, ndm_family), Form::u8, Access::both, kFamilies},
    {"index", offsetof(ndmsg, ndm_ifindex), Form::s32},
    {"state", offsetof(ndmsg, ndm_state), Form::u16, Access::both, kStates},
    {"flags", offsetof(ndmsg, ndm_flags), Form::flags8, Access::both, kFlags},
};
constexpr Table kTable = {sizeof(ndmsg), kHeader, kRows};

constexpr Request kRequests[] = {
    {"newNeighbour", RTM_NEWNEIGH, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL},
    {"replaceNeighbour", RTM_NEWNEIGH, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE},
    {"delNeighbour", RTM_DELNEIGH, NLM_F_ACK},
    {"getNeighbours", RTM_GETNEIGH, NLM_F_DUMP},
};

}  // namespace

const KernelObject kNeighbours = {"neighbour", kTable, kRequests, RTM_NEWNEIGH};

}  // namespace netprim
