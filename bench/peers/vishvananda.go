// Program: does rounds of one case with vishvananda/netlink. A line on stdin asks for a round, its nanoseconds are the
// answer.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

const group = 0x40000000

// What a round works on: a fresh namespace.
type setting struct {
	count     int
	handle    *netlink.Handle
	bridge    netlink.Link
	container netns.NsHandle
	pairs     []netlink.Link
	// How many were done, by what is there.
	found int
	// Whether the next round works on the same.
	kept bool
}

type benchCase struct {
	// Makes what the round needs.
	prepare func(round *setting)
	// What is measured.
	run func(round *setting)
	// Counts what there is afterwards; nil if run has counted.
	check func(round *setting) int
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "vishvananda/netlink:", err)
		os.Exit(1)
	}
}

// Moves the thread into a fresh namespace. Its descriptor is left open: the end of a namespace slows what follows it.
func freshNamespace() netns.NsHandle {
	made, err := netns.New()
	must(err)
	return made
}

func fresh(round *setting) {
	freshNamespace()
	handle, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	must(err)
	round.handle = handle
}

func attributes(format string, number int) netlink.LinkAttrs {
	made := netlink.NewLinkAttrs()
	made.Name = fmt.Sprintf(format, number)
	return made
}

func addBridge(round *setting) {
	round.bridge = &netlink.Bridge{LinkAttrs: attributes("br%d", 0)}
	must(round.handle.LinkAdd(round.bridge))
	must(round.handle.LinkSetUp(round.bridge))
}

func withBridge(round *setting) {
	fresh(round)
	addBridge(round)
}

func withSubnet(round *setting) {
	withBridge(round)
	subnet, err := netlink.ParseAddr("192.168.0.1/16")
	must(err)
	must(round.handle.AddrAdd(round.bridge, subnet))
}

func withRoutes(round *setting) {
	withSubnet(round)
	addRoutes(round)
}

func bridgeAndContainer(round *setting) {
	container := freshNamespace()
	withBridge(round)
	round.container = container
}

func pair(number int) *netlink.Veth {
	return &netlink.Veth{LinkAttrs: attributes("v%d", number), PeerName: fmt.Sprintf("p%d", number)}
}

func addPairs(round *setting) {
	for i := 0; i < round.count; i++ {
		made := pair(i)
		must(round.handle.LinkAdd(made))
		round.pairs = append(round.pairs, made)
	}
}

func withPairs(round *setting) {
	fresh(round)
	addPairs(round)
}

// The way of the package's examples and of most of its users.
func movePeers(round *setting) {
	for i := 0; i < round.count; i++ {
		made := pair(i)
		must(round.handle.LinkAdd(made))
		peer, err := round.handle.LinkByName(made.PeerName)
		must(err)
		must(round.handle.LinkSetNsFd(peer, int(round.container)))
		must(round.handle.LinkSetMaster(made, round.bridge))
		must(round.handle.LinkSetUp(made))
	}
}

// The shorter way, which came with PeerNamespace.
func makePeersInPlace(round *setting) {
	for i := 0; i < round.count; i++ {
		made := pair(i)
		made.MasterIndex = round.bridge.Attrs().Index
		made.Flags = net.FlagUp
		made.PeerNamespace = netlink.NsFd(round.container)
		must(round.handle.LinkAdd(made))
	}
}

// Of the pairs that are as they should be: this end up and in the bridge, the other in the container.
func countAttached(round *setting) int {
	var here, there int
	for _, link := range links(round.handle) {
		base := link.Attrs()
		if base.MasterIndex == round.bridge.Attrs().Index && base.Flags&net.FlagUp != 0 {
			here++
		}
	}
	inside, err := netlink.NewHandleAt(round.container, unix.NETLINK_ROUTE)
	must(err)
	defer inside.Delete()
	for _, link := range links(inside) {
		if link.Type() == "veth" {
			there++
		}
	}
	if here != there {
		return -1
	}
	return here
}

func deletePairs(round *setting) {
	for _, each := range round.pairs {
		must(round.handle.LinkDel(each))
	}
}

// All that is not there any more.
func countDeleted(round *setting) int {
	return round.count - countKind("veth")(round)
}

func addBridges(round *setting) {
	for i := 0; i < round.count; i++ {
		must(round.handle.LinkAdd(&netlink.Bridge{LinkAttrs: attributes("b%d", i)}))
	}
}

func links(handle *netlink.Handle) []netlink.Link {
	listed, err := handle.LinkList()
	must(err)
	return listed
}

func countKind(kind string) func(*setting) int {
	return func(round *setting) int {
		count := 0
		for _, link := range links(round.handle) {
			if link.Type() == kind {
				count++
			}
		}
		return count
	}
}

func countPairs(round *setting) int { return countKind("veth")(round) / 2 }

func addNamespaces(round *setting) {
	before, err := netns.Get()
	must(err)
	for i := 0; i < round.count; i++ {
		made := freshNamespace()
		if !made.Equal(before) {
			round.found++
		}
	}
}

func address(first, number int) net.IP {
	return net.IPv4(byte(first), byte(number>>16), byte(number>>8), byte(number)).To4()
}

var hostMask = net.CIDRMask(32, 32)

func addRoutes(round *setting) {
	gateway := net.IPv4(192, 168, 0, 2)
	index := round.bridge.Attrs().Index
	for i := 0; i < round.count; i++ {
		to := &net.IPNet{IP: address(10, i), Mask: hostMask}
		must(round.handle.RouteAdd(&netlink.Route{LinkIndex: index, Dst: to, Gw: gateway}))
	}
}

func listRoutes(round *setting) {
	listed, err := round.handle.RouteList(nil, netlink.FAMILY_V4)
	must(err)
	round.found = len(listed) - 1 // that of the subnet
}

func countRoutes(round *setting) int {
	listRoutes(round)
	return round.found
}

// What takes seconds to make serves all rounds.
func once(prepare func(*setting)) func(*setting) {
	var made *setting
	return func(round *setting) {
		if made == nil {
			prepare(round)
			round.kept = true
			made = round
		}
		*round = *made
		round.found = 0
	}
}

func withManyLinks(round *setting) {
	fresh(round)
	for i := 0; i < round.count/2; i++ {
		made := pair(i)
		made.NumTxQueues = 1
		made.NumRxQueues = 1
		must(round.handle.LinkAdd(made))
	}
}

func listLinks(round *setting) { round.found = len(links(round.handle)) - 1 } // the loopback

func addAddresses(round *setting) {
	for i := 0; i < round.count; i++ {
		added := &netlink.Addr{IPNet: &net.IPNet{IP: address(10, i), Mask: hostMask}}
		must(round.handle.AddrAdd(round.bridge, added))
	}
}

func countAddresses(round *setting) int {
	listed, err := round.handle.AddrList(round.bridge, netlink.FAMILY_V4)
	must(err)
	return len(listed)
}

func addNeighbours(round *setting) {
	index := round.bridge.Attrs().Index
	for i := 0; i < round.count; i++ {
		must(round.handle.NeighAdd(&netlink.Neigh{
			LinkIndex:    index,
			State:        netlink.NUD_PERMANENT,
			IP:           net.IPv4(192, 168, byte(1+i>>8), byte(i)),
			HardwareAddr: net.HardwareAddr{2, 0, 0, 0, byte(i >> 8), byte(i)},
		}))
	}
}

func countNeighbours(round *setting) int {
	listed, err := round.handle.NeighList(round.bridge.Attrs().Index, netlink.FAMILY_V4)
	must(err)
	count := 0
	for _, each := range listed {
		// Not those that the kernel has put there for multicast.
		if each.State == netlink.NUD_PERMANENT {
			count++
		}
	}
	return count
}

func withOnePair(round *setting) {
	fresh(round)
	round.pairs = []netlink.Link{pair(0)}
	must(round.handle.LinkAdd(round.pairs[0]))
}

func getLinks(round *setting) {
	index := round.pairs[0].Attrs().Index
	for i := 0; i < round.count; i++ {
		got, err := round.handle.LinkByIndex(index)
		must(err)
		if got.Attrs().Name == "v0" {
			round.found++
		}
	}
}

var cases = map[string]benchCase{
	"veth-create":                           {fresh, addPairs, countPairs},
	"veth-create-netns, peer moved":         {bridgeAndContainer, movePeers, countAttached},
	"veth-create-netns, peer made in place": {bridgeAndContainer, makePeersInPlace, countAttached},
	"veth-delete":                           {withPairs, deletePairs, countDeleted},
	"veth-delete-all":                       {withPairs, deletePairs, countDeleted},
	"bridge-create":                         {fresh, addBridges, countKind("bridge")},
	"netns-create":                          {fresh, addNamespaces, nil},
	"routes-add":                            {withSubnet, addRoutes, countRoutes},
	"routes-list":                           {once(withRoutes), listRoutes, nil},
	"links-list":                            {once(withManyLinks), listLinks, nil},
	"addresses-add":                         {withBridge, addAddresses, countAddresses},
	"neighbours-add":                        {withBridge, addNeighbours, countNeighbours},
	"link-get":                              {withOnePair, getLinks, nil},
}

// Deletes the links that are left, in one message, so that the next round finds their memory in the kernel's hands and
// not in the hypervisor's.
func clear(round *setting) {
	defer round.handle.Delete()
	left := 0
	for _, link := range links(round.handle) {
		if link.Attrs().Flags&net.FlagLoopback == 0 {
			must(round.handle.LinkSetGroup(link, group))
			left++
		}
	}
	if left == 0 {
		return
	}
	request := nl.NewNetlinkRequest(unix.RTM_DELLINK, unix.NLM_F_ACK)
	request.AddData(nl.NewIfInfomsg(unix.AF_UNSPEC))
	request.AddData(nl.NewRtAttr(unix.IFLA_GROUP, nl.Uint32Attr(group)))
	_, err := request.Execute(unix.NETLINK_ROUTE, 0)
	must(err)
}

func main() {
	// A namespace is a thread's.
	runtime.LockOSThread()
	if len(os.Args) != 3 {
		must(fmt.Errorf("usage: vishvananda CASE COUNT"))
	}
	chosen, known := cases[os.Args[1]]
	count, err := strconv.Atoi(os.Args[2])
	if !known || err != nil || count < 1 {
		must(fmt.Errorf("no case '%s' with a count of '%s'", os.Args[1], os.Args[2]))
	}

	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		round := &setting{count: count}
		chosen.prepare(round)
		start := time.Now()
		chosen.run(round)
		taken := time.Since(start)
		if chosen.check != nil {
			round.found = chosen.check(round)
		}
		if round.found != count {
			must(fmt.Errorf("%s: %d of %d", os.Args[1], round.found, count))
		}
		if !round.kept {
			clear(round)
		}
		fmt.Println(taken.Nanoseconds())
	}
}
