// Decoders and random, truncated and changed bytes: records or nothing, never a crash.
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { attributePath } from '../../lib/codec/attribute-path.js'
import {
  decodeAddresses,
  decodeLinks,
  decodeNeighbours,
  decodeRoutes,
  encodeNewAddress,
  encodeNewLink,
  encodeNewNeighbour,
  encodeNewRoute,
  encodeSetLink,
} from '../../lib/codec/messages.js'

const decoders = {
  decodeLinks: decodeLinks,
  decodeAddresses: decodeAddresses,
  decodeRoutes: decodeRoutes,
  decodeNeighbours: decodeNeighbours,
}

const peer = { name: 'eth0', mac: '02:00:00:00:00:02', mtu: 1300, netnsFd: 7 }
const messages: readonly Uint8Array[] = [
  encodeNewLink({ name: 'veth0', mac: '02:00:00:00:00:01', up: true, kind: 'veth', data: { peer } }),
  encodeNewLink({ name: 'br0', kind: 'bridge', data: { ageingTime: 3, priority: 4, vlanFiltering: true } }),
  encodeNewLink({ name: 'vx0', kind: 'vxlan', data: { id: 3, remote: '10.0.0.1', port: 4789 } }),
  encodeSetLink({ index: 3, portKind: 'bridge', port: { isolated: true, state: 'forwarding' } }),
  encodeNewAddress({
    family: 'ipv6',
    prefixLength: 64,
    index: 1,
    address: 'fd00::1',
    local: 'fd00::1',
    label: 'x',
    flags: ['nodad'],
    validLifetime: 5,
  }),
  encodeNewRoute({
    family: 'ipv4',
    to: '10.0.0.0',
    toLength: 8,
    mtu: 1400,
    nexthops: [{ via: '10.0.0.1', link: 3, weight: 4 }, { link: 3 }],
  }),
  encodeNewNeighbour({ family: 'ipv4', index: 1, address: '10.0.0.1', mac: '02:00:00:00:00:01', state: 'stale', flags: ['router'] }),
]

/** A whole message with some bytes changed, among them the lengths that a reader must not believe. */
const changed = fc
  .tuple(fc.constantFrom(...messages), fc.array(fc.tuple(fc.nat(255), fc.nat(255)), { maxLength: 8 }))
  .map(([message, changes]) => {
    const bytes = Buffer.from(message)
    // Not the header's length and type, or nothing would be looked at.
    for (const [at, value] of changes) bytes[6 + (at % (bytes.length - 6))] = value
    return bytes
  })

function isRecords(records: unknown): void {
  expect(Array.isArray(records)).toBe(true)
  for (const record of records as unknown[]) expect(typeof record).toBe('object')
}

describe.each(Object.entries(decoders))('%s', (_name, decode) => {
  test('takes any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => isRecords(decode(bytes))),
      { numRuns: 2000 },
    )
  })

  test('takes random bytes behind the header of its type', () => {
    fc.assert(
      fc.property(fc.constantFrom(16, 20, 24, 28), fc.uint8Array({ maxLength: 400 }), (type, payload) => {
        const bytes = Buffer.alloc(16 + payload.length)
        bytes.writeUInt32LE(bytes.length, 0)
        bytes.writeUInt16LE(type, 4)
        bytes.set(payload, 16)
        isRecords(decode(bytes))
        attributePath(bytes, payload[0] ?? 0)
      }),
      { numRuns: 3000 },
    )
  })

  test('takes messages with bytes changed', () => {
    fc.assert(
      fc.property(changed, (bytes) => isRecords(decode(bytes))),
      { numRuns: 5000 },
    )
  })

  test('takes what is cut off, alone and behind a whole one', () => {
    for (const message of messages) {
      for (let length = 0; length <= message.length; length++) {
        isRecords(decode(message.subarray(0, length)))
        isRecords(decode(Buffer.concat([message, message.subarray(0, length)])))
      }
    }
  })
})

test('attributePath takes messages with bytes changed, at any offset', () => {
  fc.assert(
    fc.property(changed, fc.nat(500), (bytes, offset) => {
      expect(typeof attributePath(bytes, offset)).toBe('string')
    }),
    { numRuns: 5000 },
  )
})

test('decoders take bytes that begin at an odd address', () => {
  for (const message of messages) {
    const shifted = Buffer.concat([Buffer.from([0]), message]).subarray(1)
    const whole = Object.values(decoders).map((decode) => decode(message))
    expect(Object.values(decoders).map((decode) => decode(shifted))).toEqual(whole)
  }
})

test.each(Object.entries(decoders))('%s refuses what are no bytes', (_name, decode) => {
  for (const wrong of [undefined, null, 1, 'text', {}, []]) expect(() => decode(wrong as never)).toThrow()
})
