// The rules of bridge networks in front of `nft`: all of them text that one can read, and load again.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createBridgeNetwork, Netns, type BridgeNetwork, type Endpoint } from 'netprim'
import { addressOf, hostAddress, rulesetOf, World } from '../helpers/bridge-world.js'
import { runIn } from '../helpers/oracle.js'
import { loadRuleset, rulesetText } from '../helpers/ruleset-text.js'

let world: World
let host: Netns
let net: BridgeNetwork
let web: Endpoint
beforeAll(async () => {
  world = await World.create()
  host = world.host
  net = await createBridgeNetwork({ netns: host, name: 'web', subnet: '172.30.0.0/24' })
  await createBridgeNetwork({ netns: host, name: 'apart', subnet: '172.31.0.0/24', icc: false })
  await createBridgeNetwork({ netns: host, name: 'inner', subnet: '172.29.0.0/24', internal: true })
  const publish = [
    { hostPort: 8080, port: 80 },
    { hostPort: 5353, port: 53, protocol: 'udp' },
    { hostPort: 9899, port: 99, protocol: 'sctp' },
    { hostPort: 8443, port: 443, hostIp: '127.0.0.1' },
  ] as const
  web = await net.attach(await world.container(), { name: 'app', ip: '172.30.0.20', publish })
})
afterAll(() => world.end())

const golden = `table inet netprim {
	set forwarding {
		type nf_proto
		elements = { ipv4 comment "net.ipv4.ip_forward=0 net.ipv4.conf.all.accept_redirects=1" }
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
		elements = { 172.29.0.0/24 . 172.29.0.0/24, 172.30.0.0/24 . 172.30.0.0/24, 172.31.0.0/24 . 172.31.0.0/24 }
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
		iifname @bridges ip saddr 127.0.0.0/8 drop
	}

	chain publish {
		dnat ip to meta l4proto . ip daddr . th dport map @published_at
		dnat ip to meta l4proto . th dport map @published
	}

	chain prerouting {
		type nat hook prerouting priority -100; policy accept;
		ip daddr != 127.0.0.0/8 fib daddr type local jump publish
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
		meta iifkind "bridge" meta oifkind "bridge" accept
		meta nfproto @forwarding iifname != @bridges drop
	}
}
`

describe('the ruleset of bridge networks', () => {
  test('is printed by `nft list ruleset` as text that one can read, all of it', () => {
    expect(rulesetText(host)).toBe(golden)
  })

  test('is listed by netprim as `nft -j list ruleset` does', async () => {
    expect((await host.nft.list()).nftables).toEqual(rulesetOf(host))
  })

  test('loaded by `nft -f` from its own text is the same, down to the expressions, to `nft` and to netprim', async () => {
    await using copy = await Netns.create()
    loadRuleset(copy, runIn(host, 'nft', 'list', 'ruleset'))
    expect(rulesetText(copy)).toBe(golden)
    const expressions = (netns: Netns): string[] =>
      runIn(netns, 'nft', '--debug=netlink', 'list', 'ruleset')
        .split('\n')
        .filter((line) => line.startsWith('  ['))
    expect(expressions(copy)).toEqual(expressions(host))
    expect((await copy.nft.list()).nftables).toEqual(rulesetOf(copy))
  })

  test('is text of which nothing changes when ports and containers come and go, but elements', async () => {
    const rules = (): string => rulesetText(host).replaceAll(/\t\telements = .*\n/g, '')
    const before = rules()
    await web.publish({ hostPort: 7000, port: 7 })
    const more = await net.attach(await world.container(), {
      name: 'more',
      publish: [{ hostPort: 7000, port: 7, protocol: 'udp', hostIp: hostAddress }],
    })
    expect(rulesetText(host)).toContain('tcp . 7000 comment "web/app" : 172.30.0.20 . 7,')
    expect(rulesetText(host)).toContain(`udp . 203.0.113.1 . 7000 comment "web/more" : ${addressOf(more)} . 7 `)
    expect(rules()).toBe(before)
    await Promise.all([web.unpublish({ hostPort: 7000 }), more.detach()])
    expect(rulesetText(host)).toBe(golden)
  })
})
