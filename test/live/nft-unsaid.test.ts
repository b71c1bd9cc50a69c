// What netprim has no words for, or `nft -j` has not: listed as what it is, never as something else, and refused where it cannot be written.
import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Netns } from 'netprim'
import { decodeRules, encodeNft } from '../../lib/nft/messages.js'
import { readRule } from '../../lib/nft/read-rule.js'
import type { NftObject, NftStatement } from '../../lib/nft/types.js'
import { runIn } from '../helpers/oracle.js'

let netns: Netns

beforeEach(async () => {
  netns = await Netns.create()
})

afterEach(() => netns.close())

function load(text: string): void {
  netns.run(() => execFileSync('nft', ['-f', '-'], { input: text, stdio: ['pipe', 'pipe', 'pipe'] }))
}

async function listed(): Promise<readonly NftObject[]> {
  return (await netns.nft.list()).nftables
}

/** The objects of one kind, by what is of interest. */
async function partsOf(kind: string, ...keys: readonly string[]): Promise<unknown[]> {
  const bodies = (await listed()).flatMap((item) =>
    kind in item ? [(item as unknown as Record<string, Record<string, unknown>>)[kind]!] : [],
  )
  return bodies.map((body) => Object.fromEntries(keys.filter((key) => key in body).map((key) => [key, body[key]])))
}

const saddr = { match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: '1.2.3.4' } }
const daddr = { match: { op: '==', left: { payload: { protocol: 'ip', field: 'daddr' } }, right: '1.2.3.4' } }
const isIPv6 = { match: { op: '==', left: { meta: { key: 'nfproto' } }, right: 'ipv6' } }

function unknown(...names: readonly string[]): NftStatement[] {
  return names.map((name) => ({ unknown: name }))
}

describe('a rule', () => {
  test.each<[string, unknown[], number]>([
    ['ip daddr 1.2.3.4 meta mark set jhash ip saddr mod 4', [daddr, ...unknown('hash', 'meta')], 1],
    ['exthdr hbh exists', [isIPv6, ...unknown('exthdr', 'cmp')], 1],
    ['meta mark set numgen inc mod 4 ip saddr 1.2.3.4', [...unknown('numgen', 'meta'), saddr], 0],
    ['socket transparent 1 accept', [...unknown('socket', 'cmp'), { accept: null }], 0],
    ['rt classid 5', unknown('rt', 'cmp'), 0],
    ['osf name "Linux"', unknown('osf', 'cmp'), 0],
    ['tcp option maxseg size 5', unknown('exthdr', 'cmp'), 0],
    ['tcp option maxseg size 5-7', unknown('exthdr', 'cmp', 'cmp'), 0],
    ['tcp option maxseg size { 5, 7 }', unknown('exthdr', 'lookup'), 0],
    [
      'ip saddr . rt classid { 1.2.3.4 . 5 }',
      [{ match: { op: '==', left: { meta: { key: 'nfproto' } }, right: 'ipv4' } }, ...unknown('rt', 'lookup')],
      1,
    ],
    ['tcp option maxseg size set 1400', unknown('exthdr'), 0],
    ['meta mark set meta mark << 2', unknown('bitwise', 'meta'), 0],
    ['meta time "2020-01-01 10:00:00"', unknown('meta', 'cmp'), 0],
    ['meta hour "10:00"', unknown('meta', 'cmp'), 0],
    ['ct label 3', unknown('ct', 'bitwise', 'cmp'), 0],
    ['ct label set 3', unknown('ct'), 0],
    ['ct helper "ftp"', unknown('ct', 'cmp'), 0],
    ['quota 5 bytes', unknown('quota'), 0],
    ['ip saddr 1.2.3.4 ip daddr set 1.2.3.4', [saddr, ...unknown('payload')], 1],
  ])('%s', async (text, expected, at) => {
    load(`table inet t {\n chain c {\n ${text}\n }\n}`)
    const before = await netns.nft.list()
    const [rule] = before.nftables.flatMap((item) => ('rule' in item ? [item.rule] : []))
    expect(rule?.expr).toEqual(expected)
    runIn(netns, 'nft', 'flush', 'ruleset')
    await expect(netns.nft.apply(before)).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
      message: expect.stringContaining(`'nftables[2].rule.expr[${at}]'`),
    })
    expect(await listed()).toEqual([])
  })

  test('that answers with a message of a protocol that it does not say', () => {
    const rule = { family: 'inet', table: 't', chain: 'c', expressions: [{ name: 'reject', type: 'icmp', code: 0 }] }
    const [record] = decodeRules(encodeNft('NFT_MSG_NEWRULE', rule))
    expect(readRule(record!, { interfaces: new Map(), findSet: () => undefined })).toEqual(unknown('reject'))
  })

  test('has no number that JSON cannot hold', async () => {
    load('table inet t {\n chain c {\n ct packets > 18446744073709551615\n ct bytes 9007199254740993\n }\n}')
    const before = JSON.stringify(await listed(), withoutHandles)
    const expressions = runIn(netns, 'nft', '--debug=netlink', 'list', 'ruleset')
    runIn(netns, 'nft', 'flush', 'ruleset')
    await netns.nft.apply(JSON.parse(before) as NftObject[])
    expect(JSON.stringify(await listed(), withoutHandles)).toBe(before)
    expect(runIn(netns, 'nft', '--debug=netlink', 'list', 'ruleset').match(/\[.*\]/g)).toEqual(expressions.match(/\[.*\]/g))
  })
})

function withoutHandles(key: string, value: unknown): unknown {
  return key === 'handle' ? undefined : value
}

test.each([
  'ether type ip6 reject with icmpv6 no-route',
  'ether type ip6 ip6 saddr ::1',
  'ip protocol & 15 == 6 tcp dport 5',
  'ether saddr 01:02:03:04:05:06 ip saddr 1.2.3.4',
])('%s is applied as it was', async (text) => {
  load(`table inet t {\n chain c {\n ${text}\n }\n}`)
  const expressions = (): unknown => runIn(netns, 'nft', '--debug=netlink', 'list', 'ruleset').match(/\[.*\]/g)
  const own = expressions()
  const before = await netns.nft.list()
  runIn(netns, 'nft', 'flush', 'ruleset')
  await netns.nft.apply(before)
  expect(expressions()).toEqual(own)
})

describe('a map of objects', () => {
  const text = `table ip t {
    counter web { }
    map o { type ipv4_addr : counter; elements = { 1.2.3.4 : "web" }; }
    map q { type ipv4_addr : quota; }
  }`

  test('is listed as nft lists it', async () => {
    load(text)
    expect(await partsOf('map', 'name', 'map', 'elem')).toEqual([
      { name: 'o', map: 'counter', elem: [['1.2.3.4', 'web']] },
      { name: 'q', map: 'quota' },
    ])
    expect(await partsOf('set')).toEqual([])
  })

  test('is not written', async () => {
    load(text)
    const ruleset = await netns.nft.list()
    await expect(netns.nft.apply(ruleset)).rejects.toThrow("'nftables[1].map.map'")
    const elem = { family: 'ip', table: 't', name: 'o', elem: [['1.1.1.1', 'web']] } as const
    await expect(netns.nft.apply([{ add: { element: elem } }])).rejects.toThrow('can only be listed')
  })
})

test('flags of tables and sets, and merging, outlive list and apply', async () => {
  load(`table ip t { flags dormant;
    set s { type ipv4_addr; size 5; flags dynamic,timeout; }
    set a { type ipv4_addr; flags interval; auto-merge; elements = { 1.1.1.1-1.1.1.5 }; }
    map m { type ipv4_addr : ipv4_addr; flags dynamic; }
  }`)
  const flags = async (): Promise<unknown> => [
    await partsOf('table', 'flags'),
    await partsOf('set', 'flags', 'auto-merge'),
    await partsOf('map', 'flags'),
  ]
  const before = await netns.nft.list()
  expect(await flags()).toEqual([
    [{ flags: ['dormant'] }],
    [{ flags: ['timeout', 'dynamic'] }, { flags: ['interval'], 'auto-merge': true }],
    [{ flags: ['dynamic'] }],
  ])
  const text = runIn(netns, 'nft', 'list', 'ruleset')
  runIn(netns, 'nft', 'flush', 'ruleset')
  await netns.nft.apply(before)
  expect(runIn(netns, 'nft', 'list', 'ruleset')).toBe(text)
  await netns.nft.apply([{ add: { table: { family: 'ip', name: 't' } } }])
  expect(await partsOf('table', 'flags')).toEqual([{}])
})
