// Wrong options: whatever is wrong is a TypeError or RangeError that names the option, and the kernel never hears of it.
import { readdirSync, readlinkSync } from 'node:fs'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Bridge, Link, Netns, Veth } from 'netprim'

type Wrong = fc.Arbitrary<unknown>
interface Operation {
  readonly name: string
  readonly call: (options: object) => Promise<unknown>
  /** What would be right: one of the members is then replaced by something wrong. */
  readonly right: object
  readonly wrong: Readonly<Record<string, Wrong>>
}

const noText: Wrong = fc.oneof(
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constant({}),
  fc.constant([]),
  fc.bigInt(),
  fc.constant(Symbol('s')),
  fc.constant(() => 1),
)
const noNumber: Wrong = fc.oneof(fc.string(), fc.boolean(), fc.constant(null), fc.constant({}), fc.bigInt())
const noBoolean: Wrong = fc.oneof(fc.integer(), fc.constantFrom('true', '', 'on'), fc.constant(null), fc.constant({}))
const notInside = (min: number, max: number): Wrong =>
  fc.oneof(
    noNumber,
    fc.constantFrom(NaN, Infinity, -Infinity, min + 0.5),
    fc.integer({ min: max + 1, max: max + 1e9 }),
    fc.integer({ min: min - 1e9, max: min - 1 }),
  )
const badCharacter = fc.constantFrom('/', ' ', '\0', ':', '\n', '\t', '\u00a0').map((bad) => `a${bad}b`)
const badName: Wrong = fc.oneof(
  noText,
  badCharacter,
  fc.constantFrom('', '.', '..', 'éééééééé'),
  fc.string({ minLength: 16, maxLength: 40, unit: 'grapheme-ascii' }),
)
const badReference: Wrong = fc.oneof(
  fc.constantFrom(true, {}, [], { name: 'x' }, { index: 'x' }, { index: -1 }, { index: 1.5 }, { index: NaN }, { index: 2 ** 33 }),
  badCharacter,
  notInside(1, 0x7fff_ffff).filter((value) => typeof value === 'number'),
  fc.constant('x'.repeat(128)),
)
const badMac: Wrong = fc.oneof(
  noText,
  fc.constantFrom(
    '',
    '02:00:00:00:00',
    '02:00:00:00:00:0g',
    '01:00:5e:00:00:01',
    '00:00:00:00:00:00',
    'ff:ff:ff:ff:ff:ff',
    '02-00-00-00-00-01',
    '02:00:00:00:00:01\0',
  ),
)
const badIp: Wrong = fc.oneof(
  noText,
  fc.constantFrom(
    '',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.1/24',
    '010.0.0.1',
    ' 10.0.0.1',
    'fd00::1%eth0',
    'fd00:::1',
    'localhost',
    '10.0.0.1\0',
  ),
)
const badCidr: Wrong = fc.oneof(
  noText,
  fc.constantFrom(
    '',
    '/24',
    '10.0.0.1/',
    '10.0.0.1/33',
    '10.0.0.1/-1',
    '10.0.0.1/24/1',
    '10.0.0.1/2 ',
    'fd00::1/129',
    '10.0.0.1/255.0.0.0',
    '10.0.0/24',
  ),
)
const badWord: Wrong = fc.oneof(
  noText.filter((value) => typeof value !== 'number'),
  fc.constantFrom('', 'nonsense', 'UP', '__proto__', 'constructor'),
)
const noSignal: Wrong = fc.constantFrom({}, 'signal', 1, null, { aborted: false })
const noNetns: Wrong = fc.constantFrom({}, 'blue', 1, null, '/run/netns/blue')
const listOf = (wrong: Wrong): Wrong =>
  fc.oneof(
    wrong.filter((value) => !Array.isArray(value)),
    wrong.map((one) => [one]),
  )
const u32 = notInside(0, 0xffff_ffff)

const settings = {
  name: badName,
  mtu: notInside(0, 0x7fff_ffff),
  mac: badMac,
  up: noBoolean,
  group: u32,
  txQueueLength: u32,
  promisc: noBoolean,
  allmulticast: noBoolean,
  alias: fc.oneof(noText, fc.constant('x'.repeat(256)), fc.constant('a\0b')),
}
const creation = {
  ...settings,
  master: badReference,
  parent: badReference,
  netns: noNetns,
  signal: noSignal,
  queues: notInside(1, 4096),
  addresses: listOf(badCidr),
}
const bridgeOptions = {
  forwardDelay: u32,
  ageingTime: u32,
  stpState: notInside(0, 2),
  priority: notInside(0, 0xffff),
  vlanFiltering: noBoolean,
  vlanDefaultPvid: notInside(0, 4094),
  mcastSnooping: noBoolean,
}

// Should one of them get through, it shall not be to the machine's own namespace; without root the kernel would refuse it.
let netns: Netns
let lo: Link
const here = (): Netns => netns
beforeAll(async () => {
  const open = (): Promise<Netns> => (process.geteuid?.() === 0 ? Netns.create() : Netns.open({ path: '/proc/self/ns/net' }))
  const read = await open()
  ;[lo] = (await read.links.list()) as [Link]
  // What gets as far as the socket is told that it is closed, which is no TypeError.
  await read.close()
  netns = await open()
})
afterAll(() => netns.close())

const operations: readonly Operation[] = [
  { name: 'Bridge.create', call: (o) => Bridge.create({ netns, ...o }), right: { name: 'x0' }, wrong: { ...creation, ...bridgeOptions } },
  {
    name: 'Veth.create',
    call: (o) => Veth.create({ netns, ...o }),
    right: { name: 'x0', peer: { name: 'x1' } },
    wrong: { ...creation, peer: fc.constantFrom(null, 1, 'eth0', []) },
  },
  {
    name: 'Veth.create peer',
    call: (peer) => Veth.create({ netns, name: 'x0', peer }),
    right: { name: 'x1' },
    wrong: { ...settings, netns: noNetns, addresses: listOf(badCidr), promisc: fc.anything() },
  },
  {
    name: 'Link.create',
    call: (o) => Link.create({ netns, ...o } as never),
    right: { kind: 'ifb' },
    wrong: { ...creation, kind: fc.oneof(noText, fc.constantFrom('a'.repeat(16), 'a\0')) },
  },
  {
    name: 'Link.create vxlan',
    call: (o) => Link.create({ netns, kind: 'vxlan', ...o }),
    right: { id: 1 },
    wrong: {
      id: notInside(0, 0xff_ffff),
      remote: badIp,
      local: badIp,
      dev: badReference,
      ttl: notInside(0, 255),
      port: notInside(1, 65_535),
      learning: noBoolean,
    },
  },
  {
    name: 'Link.create macvlan',
    call: (o) => Link.create({ netns, kind: 'macvlan', ...o }),
    right: { parent: 'lo' },
    wrong: { mode: badWord, parent: badReference },
  },
  {
    name: 'Link.set',
    call: (o) => lo.set(o),
    right: {},
    wrong: {
      ...settings,
      master: badReference,
      netns: noNetns,
      isolated: noBoolean,
      cost: notInside(1, 0xffff),
      priority: notInside(0, 63),
      state: badWord,
    },
  },
  { name: 'links.list', call: (o) => here().links.list(o), right: {}, wrong: { master: badReference, signal: noSignal, kind: noText } },
  {
    name: 'addresses.add',
    call: (o) => here().addresses.add(o as never),
    right: { address: '10.0.0.1/24', link: 1 },
    wrong: {
      address: badCidr,
      link: badReference,
      peer: fc.oneof(badIp, fc.constant('fd00::1')),
      broadcast: fc.oneof(badIp, fc.constant('fd00::1')),
      scope: badWord,
      label: fc.oneof(noText, fc.constant('x'.repeat(16))),
      metric: u32,
      flags: listOf(badWord),
      validLifetime: notInside(1, 0xffff_fffe),
      preferredLifetime: notInside(0, 0xffff_fffe),
    },
  },
  {
    name: 'addresses.list',
    call: (o) => here().addresses.list(o),
    right: {},
    wrong: { link: badReference, family: badWord, signal: noSignal },
  },
  {
    name: 'routes.add',
    call: (o) => here().routes.add(o as never),
    right: { to: '10.0.0.0/8', link: 1 },
    wrong: {
      to: badCidr,
      via: fc.oneof(badIp, fc.constant('fd00::1')),
      src: fc.oneof(badIp, fc.constant('fd00::1')),
      link: badReference,
      metric: u32,
      table: fc.oneof(badWord, fc.constantFrom(0, -1, 2 ** 32, 1.5)),
      type: badWord,
      scope: badWord,
      protocol: fc.oneof(badWord, fc.constantFrom(256, -1, 0.5)),
      flags: listOf(badWord),
      tos: notInside(0, 255),
      mtu: u32,
      hoplimit: notInside(0, 255),
      nexthops: listOf(
        fc.constantFrom(1, 'x', { weight: 0 }, { weight: 257 }, { via: 'x' }, { link: {} }, { unknown: 1 }, { via: 'fd00::1' }),
      ),
      family: badWord,
    },
  },
  {
    name: 'routes.get',
    call: ({ to = '10.0.0.1', ...o }: { to?: string }) => here().routes.get(to, o),
    right: {},
    wrong: { to: badIp, from: fc.oneof(badIp, fc.constant('fd00::1')), iif: badReference, oif: badReference, mark: u32, signal: noSignal },
  },
  {
    name: 'routes.list',
    call: (o) => here().routes.list(o),
    right: {},
    wrong: { table: fc.oneof(badWord, fc.constantFrom(0, -1)), family: badWord, link: badReference },
  },
  {
    name: 'neighbours.add',
    call: (o) => here().neighbours.add(o as never),
    right: { address: '10.0.0.1', link: 1 },
    wrong: { address: badIp, link: badReference, mac: badMac, state: badWord, flags: listOf(badWord) },
  },
  {
    name: 'Netns.create',
    call: ({ name }: { name?: string }) => Netns.create(name),
    right: {},
    wrong: { name: fc.oneof(noText, fc.constantFrom('', '.', '..', 'a/b', 'a\0b', 'x'.repeat(256))) },
  },
  {
    name: 'Netns.open',
    call: (o) => Netns.open(o as never),
    right: {},
    wrong: { path: fc.oneof(noText, fc.constant('a\0b')), pid: notInside(1, 0x7fff_ffff), fd: notInside(0, 0x7fff_ffff) },
  },
  {
    name: 'sysctl.get',
    call: ({ key }: { key?: string }) => here().sysctl.get(key as string),
    right: {},
    wrong: {
      key: fc.oneof(
        noText,
        fc.constantFrom(
          '',
          'net',
          'kernel.hostname',
          'net..x',
          'net/../../x',
          'net.ipv4/x..',
          '/net/ipv4/ip_forward',
          'net.ipv4.ip_forward\0',
        ),
      ),
    },
  },
  {
    name: 'sysctl.set',
    call: ({ value }: { value?: string }) => here().sysctl.set('net.ipv4.nosuch', value as string),
    right: {},
    wrong: { value: fc.constantFrom('', 'a\0', null, undefined, 1.5, NaN, Infinity, {}, true) },
  },
]

/** The same options again: `NETPRIM_SEED=… npm run jest`. */
const seed = Number(process.env['NETPRIM_SEED'] ?? Date.now() % 2 ** 31)

const wrongOptions = fc
  .constantFrom(...operations)
  .chain((operation) =>
    fc
      .constantFrom(...Object.keys(operation.wrong))
      .chain((option) =>
        operation.wrong[option]!.map((value) => ({ operation, option, options: { ...operation.right, [option]: value } })),
      ),
  )

const sockets = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:')
    } catch {
      return false
    }
  }).length

async function thrownBy(call: () => Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await call()
  } catch (error) {
    return error as Error & { code?: string }
  }
  throw new Error('nothing was thrown')
}

function isOurs(error: Error & { code?: string }, option: string): boolean {
  return ['TypeError', 'RangeError'].includes(error.name) && error.message.includes(option) && error.code?.startsWith('ERR_') === true
}

describe('a wrong option', () => {
  test('is a TypeError or RangeError with a code that names it, and no socket is opened for it', async () => {
    const before = sockets()
    const complaints: string[] = []
    for (const { operation, option, options } of fc.sample(wrongOptions, { numRuns: 2000, seed })) {
      const outcome = await thrownBy(() => operation.call(options)).catch((error: unknown) => error as Error)
      if (!isOurs(outcome, option)) complaints.push(`${operation.name} ${inspect(options)}: ${outcome.name}: ${outcome.message}`)
    }
    expect([seed, ...new Set(complaints)]).toEqual([seed])
    expect(sockets()).toBe(before)
  })

  test.each(operations.filter(({ name }) => !/^(Netns|sysctl)/.test(name)))(
    'that $name does not know is named',
    async ({ call, right }) => {
      for (const key of ['nonsense', 'Mtu', '__proto', 'toString']) {
        const error = await thrownBy(() => call({ ...right, [key]: 1 }))
        expect(isOurs(error, key) || error).toBe(true)
      }
    },
  )

  test('that is nearly right is told the right one', async () => {
    expect((await thrownBy(() => Bridge.create({ mut: 1 } as never))).message).toContain("'mtu'")
    expect((await thrownBy(() => Veth.create({ peer: { nam: 'x' } } as never))).message).toMatch(/'peer\.nam'.*'name'/)
  })

  test.each<[string, (options: never) => Promise<unknown>]>([
    ['Bridge.create', (options) => Bridge.create(options)],
    ['Veth.create', (options) => Veth.create(options)],
    ['Link.create', (options) => Link.create(options)],
    ['Link.set', (options) => lo.set(options)],
    ['links.list', (options) => netns.links.list(options)],
    ['routes.add', (options) => netns.routes.add(options)],
  ])('in the place of all options of %s is told', async (_name, call) => {
    for (const wrong of [null, 1, true, () => 1]) {
      const error = await thrownBy(() => call(wrong as never))
      expect([error.name, error.code]).toEqual(['TypeError', 'ERR_INVALID_ARG_TYPE'])
    }
  })
})
