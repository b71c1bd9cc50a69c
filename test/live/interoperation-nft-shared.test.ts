// `nft` and netprim at work on the same tables: each goes on from where the other has stopped, and carries off what the other made.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createBridgeNetwork, Netns, nft, type Endpoint } from 'netprim'
import { hostAddress, outsideAddress, rulesetOf, tcp, World } from '../helpers/bridge-world.js'
import { refusal } from '../helpers/errors.js'
import { runIn } from '../helpers/oracle.js'
import { loadRuleset, rulesetText } from '../helpers/ruleset-text.js'

let world: World
let host: Netns
let web: Endpoint
let before: string
beforeAll(async () => {
  world = await World.create()
  host = world.host
  const net = await createBridgeNetwork({ netns: host, name: 'web', subnet: '172.30.0.0/24' })
  web = await net.attach(await world.container(), { name: 'app', ip: '172.30.0.20' })
  await world.serve(web.netns, 80, 'app')
  before = rulesetText(host)
})
afterAll(() => world.end())

describe('`nft` and netprim at work on one table', () => {
  test('`nft get element` finds what netprim has put into intervals, and refuses what overlaps', () => {
    expect(runIn(host, 'nft', 'get', 'element', 'inet', 'netprim', 'subnets', '{ 172.30.0.77 }')).toContain('172.30.0.0/24')
    expect(runIn(host, 'nft', 'get', 'element', 'inet', 'netprim', 'hairpin', '{ 172.30.0.7 . 172.30.0.8 }')).toContain(
      '172.30.0.0/24 . 172.30.0.0/24',
    )
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
    expect(rulesetText(host)).toBe(before)
  })

  test('rules that netprim adds to a table of `nft`’s stand at the end; those that `nft` deletes by handle are netprim’s', async () => {
    await using netns = await Netns.create()
    loadRuleset(netns, 'table ip mixed { chain c { type filter hook input priority 0; tcp dport 22 accept; }; }')
    await netns.nft.apply([
      nft.rule('ip', 'mixed', 'c', [nft.match('ip saddr', '10.0.0.0/8'), nft.counter(), nft.drop()], { comment: 'ours' }),
    ])
    const rules = (): string[] =>
      runIn(netns, 'nft', '-a', 'list', 'chain', 'ip', 'mixed', 'c')
        .split('\n')
        .filter((line) => /accept|drop/.test(line) && !line.includes('hook'))
        .map((line) => line.trim())
    expect(rules()).toEqual([
      expect.stringMatching(/^tcp dport 22 accept/),
      expect.stringMatching(/^ip saddr 10\.0\.0\.0\/8 counter packets 0 bytes 0 drop comment "ours" # handle \d+$/),
    ])
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
	set blocked { type ipv4_addr; flags interval; elements = { 192.0.2.0/25, 198.51.100.7 comment "a scanner" }; }
	map ports { type inet_service : verdict; elements = { 22 : jump ssh, 80 : accept, 443 : accept }; }
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
  loadRuleset(theirs, firewall)
  const listed = await theirs.nft.list()
  expect(listed.nftables).toEqual(rulesetOf(theirs))
  await ours.nft.apply(listed)
  expect(rulesetText(ours)).toBe(rulesetText(theirs))
})
