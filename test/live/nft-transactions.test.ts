// Transactions: all or nothing, claims, generations, look-ups, and many elements at once.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Netns } from 'netprim'
import { nft } from '../../lib/nft/builders.js'
import { refusal } from '../helpers/errors.js'
import { runIn } from '../helpers/oracle.js'

let netns: Netns

beforeEach(async () => {
  netns = await Netns.create()
})

afterEach(() => netns.close())

function listed(): string {
  return runIn(netns, 'nft', 'list', 'ruleset')
}

const table = nft.table('ip', 'demo')

describe('apply', () => {
  test('takes builders', async () => {
    await netns.nft.apply([
      table,
      nft.chain('ip', 'demo', 'post', { type: 'nat', hook: 'postrouting', prio: 100 }),
      nft.chain('ip', 'demo', 'pre', { type: 'nat', hook: 'prerouting', prio: 'dstnat' }),
      nft.rule('ip', 'demo', 'post', [nft.match('ip saddr', '172.18.0.0/16'), nft.match('oifname', '!=', 'br0'), nft.masquerade()]),
      nft.rule('ip', 'demo', 'pre', [nft.match('tcp dport', 8080), nft.dnat({ addr: '172.18.0.10', port: 80 })], { comment: 'web' }),
    ])
    expect(listed()).toContain('ip saddr 172.18.0.0/16 oifname != "br0" masquerade')
    expect(listed()).toContain('tcp dport 8080 dnat to 172.18.0.10:80 comment "web"')
  })

  test('leaves nothing when a command in the middle is refused, and says which', async () => {
    const error = await refusal(netns.nft.apply([table, nft.rule('ip', 'demo', 'absent', [nft.accept()]), nft.table('ip', 'other')]))
    expect(error).toMatchObject({
      code: 'ENOENT',
      syscall: 'NFT_MSG_NEWRULE',
      operation: 'nft.apply',
      target: 'rule ip demo absent',
      attribute: 'nftables[1].rule',
    })
    expect(listed()).toBe('')
  })

  test('knows the sets of those that were asked for before', async () => {
    const set = nft.set('ip', 'demo', 'some', { type: 'ipv4_addr' })
    await Promise.all([
      netns.nft.apply([table, set]),
      netns.nft.apply([nft.element('ip', 'demo', 'some', ['10.0.0.1'])]),
      netns.nft.apply([nft.element('ip', 'demo', 'some', ['10.0.0.2'])]),
    ])
    expect(listed()).toContain('{ 10.0.0.1, 10.0.0.2 }')
  })

  test.each([
    [{ genration: 1 }, /did you mean 'generation'/],
    [{ generation: -1 }, /'generation' must be a whole number/],
    [{ generation: '1' }, /'generation' must be a number/],
    [{ sets: 1 }, /'options.sets' must be an array/],
    [null, /'options' must be an object/],
  ])('refuses the options %j', async (options, message) => {
    await expect(netns.nft.apply([table], options as never)).rejects.toThrow(message)
    expect(listed()).toBe('')
  })

  test('getElement refuses options that it does not know', async () => {
    const element = { family: 'ip', table: 'demo', name: 'some', elem: '10.0.0.1' } as const
    await expect(netns.nft.getElement(element, { generation: 1 } as never)).rejects.toThrow(/Unknown option 'generation'/)
  })

  test('of intervals that touch, only those that say nothing but their keys become one', async () => {
    const intervals = { flags: ['interval'], 'auto-merge': true } as const
    const range = (from: string, to: string): { range: [string, string] } => ({ range: [from, to] })
    const [one, two, three] = [range('10.0.0.0', '10.0.0.9'), range('10.0.0.10', '10.0.0.19'), range('10.0.0.20', '10.0.0.29')]
    await netns.nft.apply([
      table,
      nft.set('ip', 'demo', 'plain', { type: 'ipv4_addr', ...intervals, elem: [one, two, { elem: { val: three, comment: 'third' } }] }),
      nft.map('ip', 'demo', 'named', {
        type: 'ipv4_addr',
        map: 'inet_service',
        ...intervals,
        elem: [
          [one, 1],
          [two, 2],
        ],
      }),
    ])
    const elements = async (part: { set: string } | { map: string }): Promise<unknown> => {
      const { nftables } = await netns.nft.list({ family: 'ip', table: 'demo', ...part })
      return nftables.map((object) => ('set' in object ? object.set.elem : 'map' in object ? object.map.elem : undefined))
    }
    expect(await elements({ set: 'plain' })).toEqual([[range('10.0.0.0', '10.0.0.19'), { elem: { val: three, comment: 'third' } }]])
    expect(await elements({ map: 'named' })).toEqual([
      [
        [one, 1],
        [two, 2],
      ],
    ])
  })

  test('a number among the names of links is refused wherever it stands', async () => {
    const names = Array.from({ length: 20 }, (_, at): string | number => (at === 7 ? 7 : `eth${at}`))
    const set = nft.set('ip', 'demo', 'links', { type: 'ifname', elem: names })
    await expect(netns.nft.apply([table, set])).rejects.toThrow(/elem\[7\]/)
  })

  test('create is a claim: the second one is refused', async () => {
    const claim = nft.create(
      nft.element('ip', 'demo', 'ports', [[{ elem: { val: { concat: ['tcp', 8080] }, comment: 'web' } }, { concat: ['10.0.0.2', 80] }]]),
    )
    await netns.nft.apply([
      table,
      nft.map('ip', 'demo', 'ports', { type: ['inet_proto', 'inet_service'], map: ['ipv4_addr', 'inet_service'] }),
      claim,
    ])
    expect(await refusal(netns.nft.apply([claim]))).toMatchObject({
      code: 'EEXIST',
      target: 'element tcp . 8080 of ip demo ports',
      attribute: 'nftables[0].create.element',
    })
    expect(await refusal(netns.nft.apply([nft.create(table)]))).toMatchObject({ code: 'EEXIST', target: 'table ip demo' })
    await netns.nft.apply([nft.add(table)])
  })

  test('compares the generation and then swaps', async () => {
    const generation = await netns.nft.generation()
    await netns.nft.apply([table], { generation })
    expect(await netns.nft.generation()).not.toBe(generation)
    expect(await refusal(netns.nft.apply([nft.table('ip', 'late')], { generation }))).toMatchObject({ code: 'ERESTART' })
    expect(listed()).not.toContain('late')
  })

  test('inserts, replaces, deletes, flushes; destroys what is not there', async () => {
    const rule = (port: number, more: { handle?: number } = {}) => nft.rule('ip', 'demo', 'c', [nft.match('tcp dport', port)], more)
    const ports = async (): Promise<unknown[]> =>
      (await netns.nft.list({ family: 'ip', table: 'demo', chain: 'c' })).nftables
        .flatMap((item) => ('rule' in item ? [item.rule.expr![0]] : []))
        .map((statement) => (statement as { match: { right: unknown } }).match.right)
    await netns.nft.apply([table, nft.chain('ip', 'demo', 'c'), rule(1), { insert: rule(2) as never }])
    expect(await ports()).toEqual([2, 1])
    const { nftables } = await netns.nft.list({ family: 'ip', table: 'demo', chain: 'c' })
    const [second, first] = nftables.flatMap((item) => ('rule' in item ? [item.rule.handle!] : []))
    await netns.nft.apply([
      { replace: rule(3, { handle: first! }) as never },
      { delete: { rule: { family: 'ip', table: 'demo', chain: 'c', handle: second! } } },
    ])
    expect(await ports()).toEqual([3])
    await netns.nft.apply([nft.flush(nft.chain('ip', 'demo', 'c'))])
    expect(await ports()).toEqual([])
    await netns.nft.apply([nft.destroy(nft.table('ip', 'absent')), nft.destroy(nft.chain('ip', 'demo', 'absent'))])
    expect(await refusal(netns.nft.apply([nft.delete(nft.table('ip', 'absent'))]))).toMatchObject({ code: 'ENOENT' })
    await netns.nft.apply([{ flush: { ruleset: null } }])
    expect(listed()).toBe('')
  })

  test('keeps comments of tables, chains, sets and rules', async () => {
    await netns.nft.apply([
      nft.table('ip', 'demo', { comment: 'a table' }),
      nft.chain('ip', 'demo', 'c', { comment: 'a chain' }),
      nft.set('ip', 'demo', 's', { type: 'ipv4_addr', comment: 'a set' }),
      nft.rule('ip', 'demo', 'c', [nft.accept()], { comment: 'a rule' }),
    ])
    for (const comment of ['a table', 'a chain', 'a set', 'a rule']) expect(listed()).toContain(`comment "${comment}"`)
    const again = await netns.nft.list()
    await netns.nft.apply([{ flush: { ruleset: null } }, ...again.nftables])
    expect(listed().match(/comment/g)).toHaveLength(4)
  })
})

describe('elements', () => {
  const count = 20_000
  const addresses = Array.from({ length: count }, (_, at) => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`)

  test(`${count} go in one transaction, and come back`, async () => {
    await netns.nft.apply([table, nft.set('ip', 'demo', 's', { type: 'ipv4_addr' }), nft.element('ip', 'demo', 's', addresses)])
    const [set] = (await netns.nft.list({ family: 'ip', table: 'demo', set: 's' })).nftables
    expect(set).toMatchObject({ set: { elem: addresses } })
    expect((JSON.parse(runIn(netns, 'nft', '-j', 'list', 'set', 'ip', 'demo', 's')) as { nftables: unknown[] }).nftables[1]).toEqual(set)
  })

  test('each is listed once, also while the kernel enlarges the set', async () => {
    for (let round = 0; round < 10; round++) {
      const fill = nft.element('ip', 'demo', 's', addresses)
      await netns.nft.apply([{ flush: { ruleset: null } }, table, nft.set('ip', 'demo', 's', { type: 'ipv4_addr' }), fill])
      expect(await netns.nft.list({ family: 'ip', table: 'demo', set: 's' })).toMatchObject({ nftables: [{ set: { elem: addresses } }] })
    }
  })

  test('intervals over many messages keep their ends', async () => {
    const networks = addresses.slice(0, 10_000).map((_, at) => ({ prefix: { addr: `10.${at >> 8}.${at & 255}.0`, len: 25 } }))
    await netns.nft.apply([
      table,
      nft.set('ip', 'demo', 's', { type: 'ipv4_addr', flags: 'interval' }),
      nft.element('ip', 'demo', 's', networks),
    ])
    expect(await netns.nft.list({ family: 'ip', table: 'demo', set: 's' })).toMatchObject({ nftables: [{ set: { elem: networks } }] })
  })

  test('one is looked up by its key', async () => {
    const map = { type: ['inet_proto', 'inet_service'], map: 'ipv4_addr . inet_service' }
    const element = [{ elem: { val: { concat: ['tcp', 80] }, comment: 'web' } }, { concat: ['10.0.0.1', 8080] }] as const
    await netns.nft.apply([
      table,
      nft.map('ip', 'demo', 'm', { ...map, elem: [element] }),
      nft.set('ip', 'demo', 'i', { type: 'ipv4_addr', flags: 'interval', elem: [{ prefix: { addr: '10.0.0.0', len: 8 } }] }),
    ])
    const place = { family: 'ip', table: 'demo' } as const
    expect(await netns.nft.getElement({ ...place, name: 'm', elem: { concat: ['tcp', 80] } })).toEqual(element)
    expect(await netns.nft.getElement({ ...place, name: 'm', elem: { concat: ['tcp', 81] } })).toBeUndefined()
    expect(await netns.nft.getElement({ ...place, name: 'i', elem: '10.1.2.3' })).toEqual({ prefix: { addr: '10.0.0.0', len: 8 } })
    expect(await netns.nft.getElement({ ...place, name: 'i', elem: '11.1.2.3' })).toBeUndefined()
    expect(await refusal(netns.nft.getElement({ ...place, name: 'absent', elem: '11.1.2.3' }))).toMatchObject({
      code: 'ENOENT',
      syscall: 'NFT_MSG_GETSET',
    })
  })

  test('one is deleted by its key alone, and from the set that the kernel knows', async () => {
    await netns.nft.apply([table, nft.set('ip', 'demo', 's', { type: 'ifname', elem: ['br0', 'br1'] })])
    await netns.nft.apply([nft.delete(nft.element('ip', 'demo', 's', ['br0']))])
    expect(listed()).toContain('elements = { "br1" }')
    expect(await refusal(netns.nft.apply([nft.element('ip', 'demo', 'absent', ['br0'])]))).toMatchObject({
      code: 'ENOENT',
      target: 'set ip demo absent',
    })
  })
})

describe('list', () => {
  test('of what is not there is ENOENT; of nothing, empty', async () => {
    expect(await netns.nft.list()).toEqual({ nftables: [] })
    expect(await refusal(netns.nft.list({ family: 'ip', table: 'absent' }))).toMatchObject({ code: 'ENOENT', operation: 'nft.list' })
  })

  test('of one chain is that of nft, anonymous sets and all', async () => {
    await netns.nft.apply([
      table,
      nft.chain('ip', 'demo', 'a'),
      nft.chain('ip', 'demo', 'b'),
      nft.rule('ip', 'demo', 'a', [nft.match('tcp dport', [22, 80]), nft.accept()]),
    ])
    const theirs = JSON.parse(runIn(netns, 'nft', '-j', 'list', 'chain', 'ip', 'demo', 'a')) as { nftables: unknown[] }
    expect((await netns.nft.list({ family: 'ip', table: 'demo', chain: 'a' })).nftables).toEqual(theirs.nftables.slice(1))
  })
})
