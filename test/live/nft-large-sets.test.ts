// Sets of thousands of elements, which are put in order and said step by step: listed as nft lists them.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Netns, nft, type NftObject, type NftSetElement } from 'netprim'
import { encodeElements } from '../../lib/nft/element-messages.js'
import { encodeBatchBegin, encodeBatchEnd } from '../../lib/nft/messages.js'
import { runIn } from '../helpers/oracle.js'

let netns: Netns

beforeAll(async () => {
  netns = await Netns.create()
  await netns.nft.apply([nft.table('inet', 't')])
})

afterAll(() => netns.close())

const count = 2500
/** Numbers below `count` in an order that is none. */
const shuffled = Array.from({ length: count }, (_, at) => (at * 1009) % count)
const address = (at: number): string => `10.${(at >> 4) & 255}.${at & 15}.${(at * 7) & 255}`

const sets: Readonly<Record<string, object>> = {
  addresses: { type: 'ipv4_addr', elem: shuffled.map(address) },
  'addresses of IPv6': { type: 'ipv6_addr', elem: shuffled.map((at) => `fd00::${(at + 1).toString(16)}`) },
  ports: { type: 'inet_service', elem: shuffled },
  marks: { type: 'mark', elem: shuffled.map((at) => at * 0x10001) },
  names: { type: 'ifname', elem: shuffled.map((at) => `link${at}`) },
  pairs: { type: ['ipv4_addr', 'inet_service'], elem: shuffled.map((at) => nft.concat(address(at), at)) },
  prefixes: {
    type: 'ipv4_addr',
    flags: ['interval'],
    elem: shuffled.map((at) => ({ prefix: { addr: `10.${at >> 8}.${at & 255}.0`, len: 24 + (at % 8) } })),
  },
  ranges: {
    type: 'inet_service',
    flags: ['interval'],
    elem: shuffled.map((at) => (at % 3 === 0 ? { range: [10 * at, 10 * at + 5] } : 10 * at)),
  },
}

const maps: Readonly<Record<string, object>> = {
  verdicts: { type: 'ipv4_addr', map: 'verdict', elem: [...shuffled.map((at) => [address(at), { accept: null }]), ['*', { drop: null }]] },
  intervals: {
    type: 'ipv4_addr',
    map: 'mark',
    flags: ['interval'],
    elem: [...shuffled.map((at) => [{ prefix: { addr: `10.${at >> 8}.${at & 255}.0`, len: 24 } }, at]), ['*', 7]],
  },
}

function elementsIn(objects: readonly NftObject[]): readonly NftSetElement[] {
  return objects.flatMap((object) => ('set' in object ? object.set.elem : 'map' in object ? object.map.elem : undefined) ?? [])
}

test('the element for all other keys is none with the key 0', async () => {
  const elements = [
    [0, { accept: null }],
    [5, { drop: null }],
    ['*', { drop: null }],
  ] as const
  const lookup = { vmap: { key: { payload: { protocol: 'tcp', field: 'dport' } }, data: { set: elements } } } as const
  await netns.nft.apply([nft.chain('inet', 't', 'c'), nft.rule('inet', 't', 'c', [lookup] as never)])
  const { nftables } = await netns.nft.list({ family: 'inet', table: 't', chain: 'c' })
  expect(nftables.flatMap((object) => ('rule' in object ? object.rule.expr : []))).toEqual([lookup])
})

test.each([
  ...Object.entries(sets).map(([name, set]) => [name, 'set', set] as const),
  ...Object.entries(maps).map(([name, map]) => [name, 'map', map] as const),
])('%s', async (_name, kind, declared) => {
  const place = { family: 'inet', table: 't', name: 'many' } as const
  await netns.nft.apply([{ add: { [kind]: { ...place, ...declared } } } as never])
  const { nftables } = JSON.parse(runIn(netns, 'nft', '-j', 'list', kind, 'inet', 't', 'many')) as { nftables: NftObject[] }
  const listed = await netns.nft.list({ family: 'inet', table: 't', [kind]: 'many' })
  expect(elementsIn(listed.nftables).length).toBeGreaterThanOrEqual(count)
  expect(elementsIn(listed.nftables)).toEqual(elementsIn(nftables))
  await netns.nft.apply([nft.delete({ [kind]: place } as never)])
})

test('of large transactions that wait for one another, each has the room that it needs', async () => {
  await netns.nft.apply([nft.table('ip', 'demo'), nft.set('ip', 'demo', 'some', { type: 'ipv4_addr' })])
  const elements = Array.from({ length: 200 }, (_, at) => ({ key: Uint8Array.of(10, 0, 0, at), comment: 'x'.repeat(100) }))
  // Without EXCL the kernel takes what is there already.
  const [message] = encodeElements('NFT_MSG_NEWSETELEM', { family: 'ip', table: 'demo', set: 'some' }, elements, ['create'])
  const send = (count: number): Promise<{ readonly refusals: readonly unknown[] }> =>
    netns.netfilter.batch([encodeBatchBegin(), ...Array<Uint8Array>(count).fill(message!), encodeBatchEnd()], {
      syscall: 'NFNL_MSG_BATCH_BEGIN',
      operation: 'test',
    })
  // The last one needs less: it shall not take the room of the second, which waits for the first.
  const outcomes = await Promise.all([send(200), send(200), send(70)])
  expect(outcomes.map(({ refusals }) => refusals)).toEqual([[], [], []])
})
