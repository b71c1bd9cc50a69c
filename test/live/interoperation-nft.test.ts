// netprim's rules in front of `nft`: each is text that one can read, load, and go on working with; and rules of `nft` moved by netprim.
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createBridgeNetwork, Netns, nft, type Endpoint } from 'netprim'
import { rulesetOf, tcp, World, hostAddress, outsideAddress } from '../helpers/bridge-world.js'
import { refusal } from '../helpers/errors.js'
import { runIn } from '../helpers/oracle.js'

let world: World
let host: Netns
let web: Endpoint
beforeAll(async () => {
  world = await World.create()
  host = world.host
  const net = await createBridgeNetwork({ netns: host, name: 'web', subnet: '172.30.0.0/24' })
  await createBridgeNetwork({ netns: host, name: 'apart', subnet: '172.31.0.0/24', icc: false })
  await createBridgeNetwork({ netns: host, name: 'inner', subnet: '172.29.0.0/24', internal: true })
  const publish = [
    { hostPort: 8080, port: 80 }, { hostPort: 5353, port: 53, protocol: 'udp' }, { hostPort: 9899, port: 99, protocol: 'sctp' },
    { hostPort: 8443, port: 443, hostIp: '127.0.0.1' }, { hostPort: 5353, port: 53, protocol: 'udp', hostIp: '198.51.100.1' },
  ] as const
  web = await net.attach(await world.container(), { name: 'app', ip: '172.30.0.20', publish: publish.slice(0, 4) })
  await world.serve(web.netns, 80, 'app')
})
afterAll(() => world.end())

/** Loads a text as `nft -f` does. */
function load(netns: Netns, text: string): void {
  netns.run(() => execFileSync('nft', ['-f', '-'], { input: text, stdio: ['pipe', 'pipe', 'pipe'] }))
}

/** The ruleset as `nft` prints it, priorities as numbers; the elements of each set on one line, in the order of the alphabet. */
function text(netns: Netns): string {
  return runIn(netns, 'nft', '-y', 'list', 'ruleset').replaceAll(/elements = \{([^}]*)\}/g, (_all, elements: string) => {
    const sorted = elements.split(',').map((one) => one.trim()).sort()
    return `elements = { ${sorted.join(', ')} }`
  })
}

const golden = `table inet netprim {
	set forwarding {
		type nf_proto
		elements = { ipv4 comment "net.ipv4.ip_forward=0" }
	}

	set bridges {
		type ifname
		elements = { "br-apart", "br-inner", "br-web" }
	}

	set internal {
		type ifname
		elements = { "br-inner" }
	}

	set bridged {
		type ifname . ifname
		elements = { "br-inner" . "br-inner", "br-web" . "br-web" }
	}

	set subnets {
		type ipv4_addr
		flags interval
		elements = { 172.29.0.0/24 comment "inner", 172.30.0.0/24 comment "web", 172.31.0.0/24 comment "apart" }
	}

	set masqueraded {
		type ipv4_addr
		flags interval
		elements = { 172.30.0.0/24, 172.31.0.0/24 }
	}

	set hairpin {
		type ipv4_addr . ipv4_addr
		flags interval
		elements = { 172.29.0.0/24 . 172.29.0.0/24, 172.30.0.0/24 . 172.30.0.0/24 }
	}

	set addresses {
		type ifname . ipv4_addr
		elements = { "br-web" . 172.30.0.20 comment "web/app" }
	}

	map ports {
		type inet_proto . inet_service : mark
		elements = { sctp . 9899 : 0x00000001, tcp . 8080 : 0x00000001, tcp . 8443 : 0x00000002, udp . 5353 : 0x00000001 }
	}

	map published {
		type inet_proto . inet_service : ipv4_addr . inet_service
		elements = { sctp . 9899 comment "web/app" : 172.30.0.20 . 99, tcp . 8080 comment "web/app" : 172.30.0.20 . 80, udp . 5353 comment "web/app" : 172.30.0.20 . 53 }
	}

	map published_at {
		type inet_proto . ipv4_addr . inet_service : ipv4_addr . inet_service
		elements = { tcp . 127.0.0.1 . 8443 comment "web/app" : 172.30.0.20 . 443 }
	}

	chain raw_prerouting {
		type filter hook prerouting priority -300; policy accept;
		iifname @bridges ip daddr 127.0.0.0/8 drop
	}

	chain publish {
		dnat ip to meta l4proto . ip daddr . th dport map @published_at
		dnat ip to meta l4proto . th dport map @published
	}

	chain prerouting {
		type nat hook prerouting priority -100; policy accept;
		fib daddr type local jump publish
	}

	chain output {
		type nat hook output priority -100; policy accept;
		fib daddr type local jump publish
	}

	chain postrouting {
		type nat hook postrouting priority 100; policy accept;
		ip saddr @masqueraded oifname != @bridges masquerade
		ct status dnat ip saddr . ip daddr @hairpin masquerade
		ct status dnat ip saddr 127.0.0.0/8 oifname @bridges masquerade
	}

	chain forward {
		type filter hook forward priority 0; policy accept;
		ct state established,related accept
		iifname . oifname @bridged accept
		iifname @internal drop
		oifname @bridges ct status dnat accept
		oifname @bridges drop
		meta nfproto @forwarding iifname != @bridges drop
	}
}
`

describe('the ruleset of bridge networks', () => {
  test('is printed by `nft list ruleset` as text that one can read, all of it', () => {
    expect(text(host)).toBe(golden)
  })

  test('is listed by netprim as `nft -j list ruleset` does', async () => {
    expect((await host.nft.list()).nftables).toEqual(rulesetOf(host))
  })

  test('loaded by `nft -f` from its own text is the same, down to the expressions, to `nft` and to netprim', async () => {
    await using copy = await Netns.create()
    load(copy, runIn(host, 'nft', 'list', 'ruleset'))
    expect(text(copy)).toBe(golden)
    const expressions = (netns: Netns): string[] => runIn(netns, 'nft', '--debug=netlink', 'list', 'ruleset').split('\n').filter((line) => line.startsWith('  ['))
    expect(expressions(copy)).toEqual(expressions(host))
    expect((await copy.nft.list()).nftables).toEqual(rulesetOf(copy))
  })

  test('is text of which nothing changes when ports and containers come and go, but elements', async () => {
    await using container = await Netns.create()
    const rules = (): string => text(host).replaceAll(/\t\telements = .*\n/g, '')
    const before = rules()
    await web.publish({ hostPort: 7000, port: 7 })
    expect(text(host)).toContain('tcp . 7000 comment "web/app" : 172.30.0.20 . 7')
    expect(rules()).toBe(before)
    await web.unpublish({ hostPort: 7000 })
    expect(container.inode).not.toBe(host.inode)
    expect(text(host)).toBe(golden)
  })
})

describe('`nft` and netprim at work on one table', () => {
  test('`nft get element` finds what netprim has put into intervals, and refuses what overlaps', () => {
    expect(runIn(host, 'nft', 'get', 'element', 'inet', 'netprim', 'subnets', '{ 172.30.0.77 }')).toContain('172.30.0.0/24')
    expect(runIn(host, 'nft', 'get', 'element', 'inet', 'netprim', 'hairpin', '{ 172.30.0.7 . 172.30.0.8 }')).toContain('172.30.0.0/24 . 172.30.0.0/24')
    expect(() => runIn(host, 'nft', 'get', 'element', 'inet', 'netprim', 'subnets', '{ 172.28.0.1 }')).toThrow(/No such file/)
    expect(() => runIn(host, 'nft', 'add', 'element', 'inet', 'netprim', 'subnets', '{ 172.30.0.128/25 }')).toThrow(/overlap|File exists/)
  })

  test('a port that `nft` publishes leads to the container, and is taken to netprim', async () => {
    runIn(host, 'nft', 'add', 'element', 'inet', 'netprim', 'ports', '{ tcp . 7001 : 1 }')
    runIn(host, 'nft', 'add', 'element', 'inet', 'netprim', 'published', '{ tcp . 7001 : 172.30.0.20 . 80 }')
    expect(await tcp(world.outside, hostAddress, 7001)).toBe(`app saw ${outsideAddress}`)
    expect(await refusal(web.publish({ hostPort: 7001 }))).toMatchObject({ code: 'EEXIST', attribute: 'publish' })
    runIn(host, 'nft', 'delete', 'element', 'inet', 'netprim', 'ports', '{ tcp . 7001 }')
    runIn(host, 'nft', 'delete', 'element', 'inet', 'netprim', 'published', '{ tcp . 7001 }')
    await web.publish({ hostPort: 7001 })
    runIn(host, 'nft', 'delete', 'element', 'inet', 'netprim', 'published', '{ tcp . 7001 }')
    await web.unpublish({ hostPort: 7001 })
    runIn(host, 'nft', 'delete', 'element', 'inet', 'netprim', 'ports', '{ tcp . 7001 }')
    expect(text(host)).toBe(golden)
  })

  test('rules that netprim adds to a table of `nft`’s stand at the end; those that `nft` deletes by handle are netprim’s', async () => {
    await using netns = await Netns.create()
    load(netns, 'table ip mixed { chain c { type filter hook input priority 0; tcp dport 22 accept; }; }')
    await netns.nft.apply([nft.rule('ip', 'mixed', 'c', [nft.match('ip saddr', '10.0.0.0/8'), nft.counter(), nft.drop()], { comment: 'ours' })])
    const rules = (): string[] => runIn(netns, 'nft', '-a', 'list', 'chain', 'ip', 'mixed', 'c').split('\n').filter((line) => /accept|drop/.test(line) && !line.includes('hook')).map((line) => line.trim())
    expect(rules()).toEqual([expect.stringMatching(/^tcp dport 22 accept/), expect.stringMatching(/^ip saddr 10\.0\.0\.0\/8 counter packets 0 bytes 0 drop comment "ours" # handle \d+$/)])
    const { nftables } = await netns.nft.list({ family: 'ip', table: 'mixed', chain: 'c' })
    const handle = nftables.flatMap((one) => ('rule' in one && one.rule.comment === 'ours' ? [one.rule.handle!] : []))
    runIn(netns, 'nft', 'delete', 'rule', 'ip', 'mixed', 'c', 'handle', String(handle[0]))
    expect(rules()).toHaveLength(1)
  })
})

/** A firewall of one's own, as an administrator writes it. */
const firewall = `
define lan = { "eth0", "eth1" }
table inet firewall {
	set blocked { type ipv4_addr; flags interval, timeout; auto-merge; elements = { 192.0.2.0/25, 192.0.2.128/25, 198.51.100.7 timeout 1h }; }
	set seen { type ipv4_addr; size 1000; flags dynamic, timeout; timeout 1m; }
	map ports { type inet_service : verdict; elements = { 22 : jump ssh, 80 : accept, 443 : accept }; }
	counter dropped { comment "what was dropped" }
	chain ssh { ip saddr 10.0.0.0/8 accept; limit rate 3/minute burst 5 packets accept; drop; }
	chain input {
		type filter hook input priority filter; policy drop;
		ct state vmap { established : accept, related : accept, invalid : drop }
		iifname "lo" accept comment "always"
		ip saddr @blocked counter drop
		iifname $lan tcp dport vmap @ports
		icmp type { echo-request, destination-unreachable } accept
		icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
		meta l4proto { tcp, udp } th dport 53 accept
		log prefix "refused: " reject with icmpx port-unreachable
	}
}
table ip nat {
	chain prerouting { type nat hook prerouting priority dstnat; iifname "wan" tcp dport { 8080, 8081 } dnat to tcp dport map { 8080 : 10.0.0.2, 8081 : 10.0.0.3 }; }
	chain postrouting { type nat hook postrouting priority srcnat; ip saddr 10.0.0.0/8 oifname "wan" masquerade; }
}`

test('a firewall that `nft -f` has loaded, listed by netprim and applied in another namespace, prints the same there', async () => {
  await using theirs = await Netns.create()
  await using ours = await Netns.create()
  const loadable = firewall.split('\n').filter((line) => !/counter dropped|flags dynamic|flags interval, timeout/.test(line)).join('\n').replace(/ip saddr @blocked/, 'ip saddr 192.0.2.0/24')
  load(theirs, loadable)
  const listed = await theirs.nft.list()
  expect(listed.nftables).toEqual(rulesetOf(theirs))
  await ours.nft.apply(listed)
  expect(text(ours)).toBe(text(theirs))
})
