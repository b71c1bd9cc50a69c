// The decoder of nftables' messages and strange bytes: records or an error, never a crash. Values change, the frame of attributes does
// not: where that is broken libnftnl ends the process ("kernel ABI is broken"), and nothing but the kernel sends us messages.
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { native } from '../../lib/native.js'
import { sayRuleset } from '../../lib/nft/read-ruleset.js'

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
  native.encodeNft('NFT_MSG_NEWTABLE', { ...place, comment: 'x', handle: 3 }),
  native.encodeNft('NFT_MSG_NEWCHAIN', {
    ...place,
    chain: 'c',
    type: 'nat',
    hook: 'prerouting',
    prio: -100,
    policy: 'accept',
    comment: 'x',
  }),
  native.encodeNft('NFT_MSG_NEWRULE', { ...place, chain: 'c', comment: 'x', expressions }),
  native.encodeNft('NFT_MSG_NEWSET', {
    ...place,
    set: 's',
    keyType: 7,
    keyLength: 4,
    dataType: 13,
    dataLength: 2,
    setFlags: ['map', 'interval'],
    fieldLengths: Uint8Array.of(4, 4),
    keyByteorder: 'network',
    comment: 'x',
  }),
  ...native.encodeNftElements('NFT_MSG_NEWSETELEM', {
    ...place,
    set: 's',
    count: 2,
    keyLength: 4,
    keys: new Uint8Array(8),
    dataLength: 2,
    data: new Uint8Array(4),
    ends: Uint8Array.of(0, 1),
    details: [{ timeout: 5, comment: 'x', expressions: [{ name: 'counter', packets: 1, bytes: 2 }] }, undefined],
  }),
]

/** Reads whatever came, as a listing does. */
function read(bytes: Uint8Array): void {
  let records: ReturnType<typeof native.decodeNft>
  try {
    records = native.decodeNft(bytes)
  } catch (error) {
    expect((error as Error).message).toMatch(/^libnftnl cannot read/)
    return
  }
  const of = (message: string) => records.filter((record) => record.message === message)
  const elements = new Map(
    of('NFT_MSG_NEWSET').map((record) => [JSON.stringify([record.family, record.table, record.set]), of('NFT_MSG_NEWSETELEM')]),
  )
  const dump = {
    tables: of('NFT_MSG_NEWTABLE'),
    chains: of('NFT_MSG_NEWCHAIN'),
    rules: of('NFT_MSG_NEWRULE'),
    sets: of('NFT_MSG_NEWSET'),
    elements,
    interfaces: new Map(),
  }
  expect(Array.isArray(sayRuleset(dump, {}))).toBe(true)
}

const nested = 0x8000

/** Offsets of the bytes that are values; the last of each stays, for it may be the NUL that ends a text. */
function valuesIn(bytes: Buffer, start: number, end: number): number[] {
  const found: number[] = []
  for (let at = start; at + 4 <= end;) {
    const length = bytes.readUInt16LE(at)
    const inside = (bytes.readUInt16LE(at + 2) & nested) !== 0
    if (inside) found.push(...valuesIn(bytes, at + 4, at + length))
    else for (let value = at + 4; value < at + length - 1; value++) found.push(value)
    at += (length + 3) & ~3
  }
  return found
}

const attributesAt = 20
const changes = fc.array(fc.tuple(fc.nat(0xffff), fc.nat(255)), { minLength: 1, maxLength: 8 })
const changed = fc.tuple(fc.constantFrom(...messages), changes).map(([message, list]) => {
  const bytes = Buffer.from(message)
  const values = valuesIn(bytes, attributesAt, bytes.length)
  for (const [at, value] of list) bytes[values[at % values.length]!] = value
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
