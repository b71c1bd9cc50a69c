// The decoders of nftables' messages and strange bytes: records that can be said, never an error.
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { setKey } from '../../lib/nft/commands.js'
import { encodeElements } from '../../lib/nft/element-messages.js'
import { decodeChains, decodeElements, decodeRules, decodeSets, decodeTables, encodeNft } from '../../lib/nft/messages.js'
import { readingOf, sayElements } from '../../lib/nft/read-elements.js'
import { sayRuleset } from '../../lib/nft/read-ruleset.js'
import { shapeOf } from '../../lib/nft/set-shape.js'
import { atOnce } from '../../lib/turns.js'

const expressions = [
  { name: 'meta', key: 'l4proto', dreg: 0 },
  { name: 'cmp', op: 'eq', sreg: 0, data: Uint8Array.of(6) },
  { name: 'payload', base: 'transport', offset: 2, len: 2, dreg: 0 },
  { name: 'bitwise', op: 'bool', sreg: 0, dreg: 0, len: 2, mask: Uint8Array.of(1, 2), xor: Uint8Array.of(0, 0) },
  { name: 'range', op: 'neq', sreg: 0, from: Uint8Array.of(0, 1), to: Uint8Array.of(0, 2) },
  { name: 'lookup', set: 's', sreg: 0, dreg: 0 },
  { name: 'fib', flags: ['daddr'], result: 'type', dreg: 0 },
  { name: 'ct', key: 'mark', sreg: 0 },
  { name: 'counter', packets: 1, bytes: 2 },
  { name: 'nat', type: 'dnat', family: 'ip', addrMin: 0, protoMin: 1 },
  { name: 'log', prefix: 'x', level: 'info' },
  { name: 'immediate', dreg: 'verdict', verdict: 'jump', chain: 'd' },
]
const place = { family: 'inet', table: 't' }
const messages: readonly Uint8Array[] = [
  encodeNft('NFT_MSG_NEWTABLE', { ...place, comment: 'x', handle: 3 }),
  encodeNft('NFT_MSG_NEWCHAIN', {
    ...place,
    chain: 'c',
    type: 'nat',
    hook: 'prerouting',
    prio: -100,
    policy: 'accept',
    devices: ['eth0', 'eth1'],
    comment: 'x',
  }),
  encodeNft('NFT_MSG_NEWRULE', { ...place, chain: 'c', comment: 'x', expressions }),
  encodeNft('NFT_MSG_NEWSET', {
    ...place,
    set: 's',
    keyType: 7,
    keyLength: 4,
    dataType: 13,
    dataLength: 2,
    setFlags: ['map', 'interval'],
    fields: [{ length: 4 }, { length: 4 }],
    keyByteorder: 'network',
    comment: 'x',
    expressions: [{ name: 'counter', packets: 1, bytes: 2 }],
  }),
  ...encodeElements('NFT_MSG_NEWSETELEM', { ...place, set: 's' }, [
    { key: new Uint8Array(4), data: new Uint8Array(2), timeout: 5, comment: 'x', expressions: [{ name: 'counter', packets: 1, bytes: 2 }] },
    { flags: ['end'], key: new Uint8Array(4) },
  ]),
]

/** Reads whatever came, as a listing does. */
function read(bytes: Uint8Array): void {
  const sets = decodeSets(bytes)
  const interfaces = new Map<number, string>()
  const elements = new Map(sets.map((record) => [setKey(record.family, record.table, record.set), decodeElements(bytes)]))
  const said = new Map(
    sets.map((record) => {
      const key = setKey(record.family, record.table, record.set)
      return [key, sayElements(readingOf(shapeOf(record), interfaces), elements.get(key)!)]
    }),
  )
  const dump = { tables: decodeTables(bytes), chains: decodeChains(bytes), rules: decodeRules(bytes), sets, said, elements, interfaces }
  expect(Array.isArray(atOnce(sayRuleset(dump, {})))).toBe(true)
}

const changes = fc.array(fc.tuple(fc.nat(0xffff), fc.nat(255)), { minLength: 1, maxLength: 8 })
const changed = fc.tuple(fc.constantFrom(...messages), changes).map(([message, list]) => {
  const bytes = Buffer.from(message)
  // Not the header's length and type, or nothing would be looked at.
  for (const [at, value] of list) bytes[6 + (at % (bytes.length - 6))] = value
  return bytes
})

test('reads what is whole', () => read(Buffer.concat(messages)))

test('takes any bytes', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), read), { numRuns: 2000 })
})

test('takes changed messages, alone and among whole ones', () => {
  fc.assert(
    fc.property(changed, (bytes) => {
      read(bytes)
      read(Buffer.concat([...messages, bytes]))
    }),
    { numRuns: 5000 },
  )
})

test('takes messages cut short', () => {
  fc.assert(
    fc.property(fc.constantFrom(...messages), fc.nat(), (message, at) => read(message.subarray(0, at % message.length))),
    { numRuns: 1000 },
  )
})
