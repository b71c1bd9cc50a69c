# Program: does rounds of one case with pyroute2. A line on stdin asks for a round, its nanoseconds are the answer.
import ctypes
import os
import resource
import sys
import time

from pyroute2 import IPRoute, netns

CLONE_NEWNET = 0x40000000
AF_INET = 2
IFF_UP = 1
NUD_PERMANENT = 0x80
GROUP = 0x40000000

libc = ctypes.CDLL(None, use_errno=True)


def fresh_namespace():
    """Moves the process into a fresh namespace. Its descriptor is left open: the end of a namespace slows what follows it."""
    if libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), 'unshare')
    return os.open('/proc/self/ns/net', os.O_RDONLY | os.O_CLOEXEC)


class Round:
    """What a round works on: a fresh namespace."""

    def __init__(self, count):
        self.count = count
        self.ip = None
        self.bridge = None
        self.container = None
        self.container_ip = None
        self.indexes = []
        # What has been listed.
        self.found = []
        # Whether the next round works on the same.
        self.kept = False


def index_of(ip, name):
    return ip.link_lookup(ifname=name)[0]


def fresh(round):
    fresh_namespace()
    round.ip = IPRoute()


def with_bridge(round):
    fresh(round)
    round.ip.link('add', ifname='br0', kind='bridge')
    round.bridge = index_of(round.ip, 'br0')
    round.ip.link('set', index=round.bridge, state='up')


def with_subnet(round):
    with_bridge(round)
    round.ip.addr('add', index=round.bridge, address='192.168.0.1', prefixlen=16)


def with_routes(round):
    with_subnet(round)
    add_routes(round)


def bridge_and_container(round):
    round.container = fresh_namespace()
    round.container_ip = IPRoute()
    with_bridge(round)


def add_pairs(round):
    for at in range(round.count):
        round.ip.link('add', ifname=f'v{at}', kind='veth', peer=f'p{at}')


def with_pairs(round):
    fresh(round)
    add_pairs(round)
    round.indexes = [index_of(round.ip, f'v{at}') for at in range(round.count)]


def with_one_pair(round):
    fresh(round)
    round.ip.link('add', ifname='v0', kind='veth', peer='p0')
    round.indexes = [index_of(round.ip, 'v0')]


def with_many_links(round):
    fresh(round)
    one_queue = {'num_tx_queues': 1, 'num_rx_queues': 1}
    for at in range(round.count // 2):
        round.ip.link('add', ifname=f'v{at}', kind='veth', peer={'ifname': f'p{at}', **one_queue}, **one_queue)


def once(prepare):
    """What takes seconds to make serves all rounds."""
    made = {}

    def prepared(round):
        if not made:
            prepare(round)
            round.kept = True
            made.update(vars(round))
        vars(round).update(made)

    return prepared


def move_peers(round):
    """The way that the documentation of pyroute2.netns shows."""
    for at in range(round.count):
        round.ip.link('add', ifname=f'v{at}', kind='veth', peer=f'p{at}')
        round.ip.link('set', index=index_of(round.ip, f'p{at}'), net_ns_fd=round.container)
        round.ip.link('set', index=index_of(round.ip, f'v{at}'), master=round.bridge, state='up')


def make_peers_in_place(round):
    """The way that the documentation of IPRoute.link shows."""
    for at in range(round.count):
        peer = {'ifname': f'p{at}', 'net_ns_fd': round.container}
        round.ip.link('add', ifname=f'v{at}', kind='veth', peer=peer, master=round.bridge, state='up')


def delete_pairs(round):
    for index in round.indexes:
        round.ip.link('del', index=index)


def add_bridges(round):
    for at in range(round.count):
        round.ip.link('add', ifname=f'b{at}', kind='bridge')


def add_namespaces(round):
    prefix = time.monotonic_ns()
    for at in range(round.count):
        name = f'{prefix}-{at}'
        netns.create(name)
        round.found.append(name)


def number_address(first, at):
    return f'{first}.{at >> 16 & 255}.{at >> 8 & 255}.{at & 255}'


def add_routes(round):
    for at in range(round.count):
        round.ip.route('add', dst=f'{number_address(10, at)}/32', gateway='192.168.0.2', oif=round.bridge)


def list_routes(round):
    round.found = list(round.ip.get_routes(family=AF_INET, table=254))


def list_links(round):
    round.found = list(round.ip.get_links())


def add_addresses(round):
    for at in range(round.count):
        round.ip.addr('add', index=round.bridge, address=number_address(10, at), prefixlen=32)


def add_neighbours(round):
    for at in range(round.count):
        mac = f'02:00:00:00:{at >> 8:02x}:{at & 255:02x}'
        destination = f'192.168.{1 + (at >> 8)}.{at & 255}'
        round.ip.neigh('add', dst=destination, lladdr=mac, ifindex=round.bridge, state='permanent')


def get_links(round):
    for _ in range(round.count):
        round.found += round.ip.link('get', index=round.indexes[0])


def links_of_kind(ip, kind):
    return [link for link in ip.get_links() if (link.get_nested('IFLA_LINKINFO', 'IFLA_INFO_KIND') or '') == kind]


def count_pairs(round):
    return len(links_of_kind(round.ip, 'veth')) // 2


def count_attached(round):
    """Of the pairs that are as they should be: this end up and in the bridge, the other in the container."""
    here = [link for link in round.ip.get_links() if link.get_attr('IFLA_MASTER') == round.bridge and link['flags'] & IFF_UP]
    there = links_of_kind(round.container_ip, 'veth')
    return len(here) if len(here) == len(there) else -1


def count_deleted(round):
    return round.count - len(links_of_kind(round.ip, 'veth'))


def count_bridges(round):
    return len(links_of_kind(round.ip, 'bridge'))


def count_namespaces(round):
    return len(set(round.found) & set(netns.listnetns()))


def count_routes_listed(round):
    return len(round.found) - 1  # that of the subnet


def count_routes(round):
    list_routes(round)
    return count_routes_listed(round)


def count_links_listed(round):
    return len(round.found) - 1  # the loopback


def count_addresses(round):
    return len(list(round.ip.get_addr(family=AF_INET, index=round.bridge)))


def count_neighbours(round):
    listed = round.ip.get_neighbours(family=AF_INET, ifindex=round.bridge)
    # Not those that the kernel has put there for multicast.
    return len([each for each in listed if each['state'] == NUD_PERMANENT])


def count_links_got(round):
    return len([link for link in round.found if link.get_attr('IFLA_IFNAME') == 'v0'])


# Each: what makes ready what the round needs, what is measured, what counts what there is afterwards.
CASES = {
    'veth-create': (fresh, add_pairs, count_pairs),
    'veth-create-netns, peer moved': (bridge_and_container, move_peers, count_attached),
    'veth-create-netns, peer made in place': (bridge_and_container, make_peers_in_place, count_attached),
    'veth-delete': (with_pairs, delete_pairs, count_deleted),
    'veth-delete-all': (with_pairs, delete_pairs, count_deleted),
    'bridge-create': (fresh, add_bridges, count_bridges),
    'netns-create': (fresh, add_namespaces, count_namespaces),
    'routes-add': (with_subnet, add_routes, count_routes),
    'routes-list': (once(with_routes), list_routes, count_routes_listed),
    'links-list': (once(with_many_links), list_links, count_links_listed),
    'addresses-add': (with_bridge, add_addresses, count_addresses),
    'neighbours-add': (with_bridge, add_neighbours, count_neighbours),
    'link-get': (with_one_pair, get_links, count_links_got),
}


def clear(round):
    """Deletes the links that are left, in one message, so that the next round finds their memory in the kernel's hands."""
    left = [link['index'] for link in round.ip.get_links() if link.get_attr('IFLA_IFNAME') != 'lo']
    for index in left:
        round.ip.link('set', index=index, group=GROUP)
    if left:
        round.ip.link('del', group=GROUP)
    round.ip.close()
    if round.container_ip:
        round.container_ip.close()


def main(name, count):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    prepare, run, check = CASES[name]
    for _ in sys.stdin:
        round = Round(count)
        prepare(round)
        start = time.monotonic_ns()
        run(round)
        taken = time.monotonic_ns() - start
        found = check(round)
        if found != count:
            sys.exit(f'pyroute2, {name}: {found} of {count}')
        if not round.kept:
            clear(round)
        print(taken, flush=True)


main(sys.argv[1], int(sys.argv[2]))
