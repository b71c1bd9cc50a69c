// NetprimError.attribute: from where the kernel's extended ACK points, back to the option in the caller's own words.
import { describe, expect, test } from '@jest/globals'
import { encodeNewAddress, encodeNewLink, encodeNewNeighbour, encodeNewRoute, encodeSetLink } from '../../lib/codec/messages.js'
import { refusalError } from '../../lib/refusal.js'

/** The option that an error names when the kernel pointed there. */
function attributeAt(message: Uint8Array, offset: number): string | undefined {
  return refusalError({ syscall: 'RTM_TEST', operation: 'test' }, { request: 0, errno: -22, offset }, message).attribute
}

/** The paths of all attributes, each found where it begins. */
function pathsIn(message: Uint8Array, headerSize: number): Set<string | undefined> {
  const paths = new Set<string | undefined>()
  for (let offset = 16 + headerSize; offset < message.length; offset += 4) paths.add(attributeAt(message, offset))
  return paths
}

describe('the option behind an attribute', () => {
  test('of a pair is named as in Veth.create', () => {
    const peer = { name: 'p', mtu: 1300, mac: '02:00:00:00:00:01', txQueueLength: 9, group: 3, alias: 'x' }
    const message = encodeNewLink({ name: 'v', mtu: 1400, mac: '02:00:00:00:00:02', master: 3, kind: 'veth', data: { peer } })
    const paths = pathsIn(message, 16)
    for (const option of ['name', 'mtu', 'mac', 'master', 'kind', ...Object.keys(peer).map((key) => `peer.${key}`)])
      expect([...paths]).toContain(option)
  })

  test('of the peer’s namespace is named as in Veth.create', () => {
    expect([...pathsIn(encodeNewLink({ kind: 'veth', data: { peer: { netnsFd: 7 } } }), 16)]).toContain('peer.netns')
  })

  test('of a kind is named as in Link.create: beside those of every link', () => {
    const bridge = encodeNewLink({ name: 'br0', kind: 'bridge', data: { ageingTime: 1, priority: 2 } })
    for (const option of ['name', 'ageingTime', 'priority']) expect([...pathsIn(bridge, 16)]).toContain(option)
    const vxlan = encodeNewLink({ kind: 'vxlan', data: { id: 1, port: 4789 } })
    for (const option of ['id', 'port']) expect([...pathsIn(vxlan, 16)]).toContain(option)
  })

  test('of a bridge’s port is named as in Link.set', () => {
    const message = encodeSetLink({ index: 2, portKind: 'bridge', port: { isolated: true, cost: 3 } })
    for (const option of ['isolated', 'cost']) expect([...pathsIn(message, 16)]).toContain(option)
  })

  test('of the queues is named as in Link.create', () => {
    expect([...pathsIn(encodeNewLink({ kind: 'ifb', numTxQueues: 2, numRxQueues: 2 }), 16)]).toContain('queues')
  })

  test('of an address is named as in addresses.add', () => {
    const message = encodeNewAddress({
      family: 'ipv4',
      index: 1,
      address: '10.0.0.1',
      local: '10.0.0.1',
      label: 'x',
      metric: 4,
      flags: [],
      broadcast: '10.0.0.2',
      validLifetime: 9,
    })
    for (const option of ['address', 'label', 'metric', 'flags', 'broadcast', 'validLifetime'])
      expect([...pathsIn(message, 8)]).toContain(option)
    expect([...pathsIn(message, 8)]).not.toContain('local')
  })

  test('of a route is named as in routes.add', () => {
    const message = encodeNewRoute({
      family: 'ipv4',
      to: '10.0.0.0',
      toLength: 8,
      via: '10.0.0.1',
      src: '10.0.0.2',
      link: 1,
      metric: 3,
      table: 'main',
      mtu: 1400,
    })
    for (const option of ['to', 'via', 'src', 'link', 'metric', 'table', 'mtu']) expect([...pathsIn(message, 12)]).toContain(option)
    const multipath = encodeNewRoute({ family: 'ipv4', to: '10.0.0.0', toLength: 8, nexthops: [{ via: '10.0.0.1' }] })
    expect([...pathsIn(multipath, 12)].some((option) => option?.startsWith('nexthops'))).toBe(true)
  })

  test('of a neighbour is named as in neighbours.add', () => {
    const message = encodeNewNeighbour({ family: 'ipv4', index: 1, address: '10.0.0.1', mac: '02:00:00:00:00:01' })
    for (const option of ['address', 'mac']) expect([...pathsIn(message, 12)]).toContain(option)
  })
})

test.each([0, 4, 15, 31, 1e6, 0xffff_ffff])('at %d there is none', (offset) => {
  expect(attributeAt(encodeNewLink({ name: 'v' }), offset)).toBeUndefined()
})
