/**
 * Address translation by hand: a router between a private network and the outside world hides the one behind its own address
 * (masquerade), and leads one port of its own into it (DNAT). Host, private network and outside are namespaces of this program's.
 */
import assert from 'node:assert/strict'
import { Link, Netns, Veth, nft } from 'netprim'
import { get, serve, stop } from './http.js'

const table = ['ip', 'example-nat'] as const

/** The rules; all of them or, if one is refused, none. */
const rules = [
  nft.table(...table),
  // Packets on their way through: what belongs to a known flow, what the private network begins, what was sent to a published port.
  nft.chain(...table, 'forward', { type: 'filter', hook: 'forward', prio: 0, policy: 'drop' }),
  nft.rule(...table, 'forward', [nft.match('ct state', ['established', 'related']), nft.accept()]),
  nft.rule(...table, 'forward', [nft.match('iifname', 'lan'), nft.match('oifname', 'wan'), nft.accept()]),
  nft.rule(...table, 'forward', [nft.match('ct status', 'dnat'), nft.accept()]),
  // On the way in, before the route is chosen: port 8080 of the router is port 80 of the server.
  nft.chain(...table, 'prerouting', { type: 'nat', hook: 'prerouting', prio: -100 }),
  nft.rule(...table, 'prerouting', [nft.match('iifname', 'wan'), nft.match('tcp dport', 8080), nft.dnat({ addr: '10.0.0.2', port: 80 })]),
  // On the way out: whoever it was, the outside sees the router.
  nft.chain(...table, 'postrouting', { type: 'nat', hook: 'postrouting', prio: 100 }),
  nft.rule(...table, 'postrouting', [nft.match('ip saddr', '10.0.0.0/24'), nft.match('oifname', 'wan'), nft.counter(), nft.masquerade()]),
]

async function main(): Promise<void> {
  await using router = await Netns.create()
  await using server = await Netns.create()
  await using outside = await Netns.create()
  for (const netns of [router, server, outside]) await (await Link.get('lo', { netns })).set({ up: true })
  await Veth.create({
    netns: router,
    name: 'lan',
    up: true,
    addresses: ['10.0.0.1/24'],
    peer: { netns: server, name: 'eth0', up: true, addresses: ['10.0.0.2/24'] },
  })
  await Veth.create({
    netns: router,
    name: 'wan',
    up: true,
    addresses: ['203.0.113.1/24'],
    peer: { netns: outside, name: 'eth0', up: true, addresses: ['203.0.113.2/24'] },
  })
  await server.routes.add({ to: 'default', via: '10.0.0.1' })
  await router.sysctl.set('net.ipv4.ip_forward', 1)
  const programs = await Promise.all([serve(server, 80, 'server'), serve(outside, 80, 'outside')])
  try {
    // The outside has no way back to 10.0.0.0/24, and nothing listens on the router.
    assert.equal(await get(server, 'http://203.0.113.2/', 300), 'ETIMEDOUT')
    assert.equal(await get(outside, 'http://203.0.113.1:8080/'), 'ECONNREFUSED')

    await router.nft.apply(rules)
    const [out, inside] = await Promise.all([get(server, 'http://203.0.113.2/'), get(outside, 'http://203.0.113.1:8080/')])
    console.log(`server  -> 203.0.113.2:80    ${out}`)
    console.log(`outside -> 203.0.113.1:8080  ${inside}`)
    assert.equal(out, 'outside saw 203.0.113.1')
    assert.equal(inside, 'server saw 203.0.113.2')

    const { nftables } = await router.nft.list({ family: 'ip', table: 'example-nat', chain: 'postrouting' })
    console.log(`masquerade: ${JSON.stringify(nftables.flatMap((one) => ('rule' in one ? one.rule.expr : [])))}`)
    await router.nft.apply([nft.delete(nft.table(...table))])
    assert.equal(await get(outside, 'http://203.0.113.1:8080/'), 'ECONNREFUSED')
  } finally {
    await Promise.all(programs.map(stop))
  }
}

void main()
