// What validate.ts lets through and what it refuses, at the edges; the names and numbers are those of the kernel's own checks.
import { describe, expect, test } from '@jest/globals'
import * as v from '../../lib/validate.js'

const outcome = (check: v.Check, value: unknown): unknown => {
  try {
    check('it', value)
    return 'fine'
  } catch (error) {
    return (error as { code: string }).code
  }
}
const [type, value, range] = ['ERR_INVALID_ARG_TYPE', 'ERR_INVALID_ARG_VALUE', 'ERR_OUT_OF_RANGE']

describe.each<[string, v.Check, [unknown, string][]]>([
  [
    'linkName',
    v.linkName,
    [
      ['a', 'fine'],
      ['x'.repeat(15), 'fine'],
      ['é'.repeat(7), 'fine'],
      ['a.b', 'fine'],
      ['...', 'fine'],
      ['eth0@x', 'fine'],
      ['-x', 'fine'],
      ['x'.repeat(16), range],
      ['é'.repeat(8), range],
      ['', value],
      ['.', value],
      ['..', value],
      ['a/b', value],
      ['a b', value],
      ['a:b', value],
      ['a\tb', value],
      ['a\0', value],
      [1, type],
      [null, type],
    ],
  ],
  [
    'integer',
    v.integer(1, 10),
    [
      [1, 'fine'],
      [10, 'fine'],
      [0, range],
      [11, range],
      [1.5, range],
      [NaN, range],
      [Infinity, range],
      ['1', type],
      [1n, type],
      [undefined, type],
    ],
  ],
  [
    'u32',
    v.u32,
    [
      [0, 'fine'],
      [2 ** 32 - 1, 'fine'],
      [2 ** 32, range],
      [-1, range],
    ],
  ],
  [
    'port',
    v.port,
    [
      [1, 'fine'],
      [65_535, 'fine'],
      [0, range],
      [65_536, range],
    ],
  ],
  [
    'boolean',
    v.boolean,
    [
      [true, 'fine'],
      [false, 'fine'],
      [0, type],
      ['true', type],
      [null, type],
    ],
  ],
  [
    'text',
    v.text(3),
    [
      ['', 'fine'],
      ['abc', 'fine'],
      ['abcd', range],
      ['éé', range],
      ['a\0', value],
      [1, type],
    ],
  ],
  [
    'mac',
    v.mac,
    [
      ['02:00:00:00:00:01', 'fine'],
      ['AA:BB:CC:DD:EE:FF', 'fine'],
      ['01:00:00:00:00:00', value],
      ['00:00:00:00:00:00', value],
      ['02:00:00:00:00', value],
      ['02:00:00:00:00:01:02', value],
      ['2:0:0:0:0:1', value],
      [2, type],
    ],
  ],
  [
    'ip',
    v.ip,
    [
      ['10.0.0.1', 'fine'],
      ['::', 'fine'],
      ['fd00::1', 'fine'],
      ['::ffff:10.0.0.1', 'fine'],
      ['fe80::1%eth0', value],
      ['10.0.0.1/8', value],
      ['10.0.0', value],
      ['', value],
      [1, type],
    ],
  ],
  [
    'ipv4',
    v.ipv4,
    [
      ['10.0.0.1', 'fine'],
      ['fd00::1', value],
      ['x', value],
    ],
  ],
  [
    'cidr',
    v.cidr,
    [
      ['10.0.0.1/24', 'fine'],
      ['10.0.0.1', 'fine'],
      ['10.0.0.1/0', 'fine'],
      ['10.0.0.1/32', 'fine'],
      ['10.0.0.1/33', value],
      ['fd00::/128', 'fine'],
      ['fd00::/129', value],
      ['10.0.0.1/', value],
      ['10.0.0.1/+1', value],
      ['10.0.0.1/1e1', value],
      ['10.0.0.1/24/1', value],
      ['fe80::1%eth0/64', value],
      ['/8', value],
      [8, type],
    ],
  ],
  [
    'oneOf',
    v.oneOf('a', 'b'),
    [
      ['a', 'fine'],
      ['c', value],
      ['', value],
      [0, type],
    ],
  ],
  [
    'arrayOf',
    v.arrayOf(v.boolean),
    [
      [[], 'fine'],
      [[true], 'fine'],
      [[1], type],
      ['true', type],
      [{ length: 0 }, type],
    ],
  ],
  [
    'nullable',
    v.nullable(v.boolean),
    [
      [null, 'fine'],
      [true, 'fine'],
      [1, type],
    ],
  ],
  [
    'abortSignal',
    v.abortSignal,
    [
      [new AbortController().signal, 'fine'],
      [{ aborted: false }, type],
    ],
  ],
])('%s', (_name, check, cases) => {
  test.each(cases)('of %p is %s', (given, expected) => {
    expect(outcome(check, given)).toBe(expected)
  })
})

test('a complaint names the option, what is expected and what came, cut short', () => {
  expect(() => v.u16('mtu', 70_000)).toThrow(new RangeError("The option 'mtu' must be a whole number from 0 to 65535. Received 70000"))
  expect(() => v.boolean('up', 'x'.repeat(1000))).toThrow(/^The option 'up' must be a boolean\. Received 'x{70,80}\.\.\.$/)
  expect(() => v.arrayOf(v.cidr)('addresses', ['10.0.0.1', 'x'])).toThrow(/'addresses\[1\]'/)
})

describe('checkOptions', () => {
  const checks: v.Checks = { name: v.linkName, mtu: v.u32, peer: v.record({ up: v.boolean }), to: v.required(v.ip) }

  test('lets through what is known, absent and undefined', () => {
    v.checkOptions({ to: '10.0.0.1', name: 'x', mtu: undefined, peer: { up: true } }, checks)
  })

  test.each([
    [{ to: '10.0.0.1', mut: 1 }, "Unknown option 'mut'; did you mean 'mtu'?"],
    [{ to: '10.0.0.1', entirely: 1 }, "Unknown option 'entirely'"],
    [{ to: '10.0.0.1', peer: { pu: true } }, "Unknown option 'peer.pu'; did you mean 'up'?"],
    [{}, "The option 'to' must be a string. Received undefined"],
    [{ to: '10.0.0.1', constructor: 1 }, "Unknown option 'constructor'"],
  ])('refuses %j', (options, message) => {
    expect(() => v.checkOptions(options, checks)).toThrow(expect.objectContaining({ name: 'TypeError', message }))
  })

  test.each([null, undefined, 1, 'x', [], () => 1])('refuses %p in the place of an object', (options) => {
    expect(() => v.checkOptions(options, checks)).toThrow(/^The option 'options' must be an object/)
  })
})

test.each([
  ['10.0.0.1/24', { family: 'ipv4', ip: '10.0.0.1', prefixLength: 24 }],
  ['10.0.0.1', { family: 'ipv4', ip: '10.0.0.1', prefixLength: 32 }],
  ['fd00::1/0', { family: 'ipv6', ip: 'fd00::1', prefixLength: 0 }],
  ['fd00::1', { family: 'ipv6', ip: 'fd00::1', prefixLength: 128 }],
])('partsOf takes %s apart', (text, parts) => {
  expect(v.partsOf(text)).toEqual(parts)
})
