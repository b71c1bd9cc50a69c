// Deleting links: one by one, at the end of a scope, and many together in several namespaces.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Bridge, Link, Netns, Veth } from 'netprim'
import { refusal } from '../helpers/errors.js'
import { ip, ipJson, ipLink } from '../helpers/oracle.js'

let host: Netns
let blue: Netns
beforeAll(async () => {
  ;[host, blue] = await Promise.all([Netns.create(), Netns.create()])
})
afterAll(() => Promise.all([host.close(), blue.close()]))

const namesIn = (netns: Netns): string[] =>
  ipJson(netns, 'link', 'show')
    .map((link) => link.ifname)
    .sort()

describe('delete', () => {
  test('takes both ends of a pair away', async () => {
    const veth = await Veth.create({ netns: host, name: 'd0', peer: { name: 'd1', netns: blue } })
    await veth.delete()
    expect([ipLink(host, 'd0'), ipLink(blue, 'd1')]).toEqual([undefined, undefined])
  })

  test('may be called twice, at once or later, and when somebody else was faster', async () => {
    const veth = await Veth.create({ netns: host, name: 'd2' })
    await Promise.all([veth.delete(), veth.delete()])
    await veth.delete()
    await veth.peer.delete()
    const other = await Bridge.create({ netns: host, name: 'd3' })
    ip(host, 'link', 'delete', 'd3')
    await other.delete()
  })

  test('called again does not take another link’s life', async () => {
    const bridge = await Bridge.create({ netns: host, name: 'd4' })
    await bridge.delete()
    ip(host, 'link', 'add', 'd4', 'index', String(bridge.index), 'type', 'bridge')
    await bridge.delete()
    expect(ipLink(host, 'd4').ifindex).toBe(bridge.index)
  })

  test('of what cannot be deleted is refused, and can be tried again', async () => {
    const lo = await Link.get('lo', { netns: host })
    const error = await refusal(lo.delete())
    expect(error).toMatchObject({ code: 'EOPNOTSUPP', syscall: 'RTM_DELLINK', operation: 'Link.delete', target: 'lo' })
    expect((await refusal(lo.delete())).code).toBe('EOPNOTSUPP')
  })

  test('is what the end of an `await using` scope does', async () => {
    let seen: unknown
    {
      await using bridge = await Bridge.create({ netns: host, name: 'scope0' })
      seen = ipLink(host, bridge.name)
    }
    expect(seen).toBeDefined()
    expect(ipLink(host, 'scope0')).toBeUndefined()
  })

  test('is not done at the end of the scope to a link that was only got', async () => {
    await Bridge.create({ netns: host, name: 'borrow0' })
    {
      await using bridge = await Bridge.get('borrow0', { netns: host })
      await using link = await Link.get('borrow0', { netns: host })
      expect(bridge.index).toBe(link.index)
    }
    expect(ipLink(host, 'borrow0')).toBeDefined()
  })
})

describe('Link.deleteAll', () => {
  test('deletes links of several namespaces and kinds, and leaves the others', async () => {
    const [one, two] = await Promise.all([Netns.create(), Netns.create()])
    const [keepOne, keepTwo] = await Promise.all([Bridge.create({ netns: one, name: 'keep' }), Bridge.create({ netns: two, name: 'keep' })])
    const doomed = await Promise.all([
      ...Array.from({ length: 20 }, (_, at) => Veth.create({ netns: one, name: `x${at}`, peer: { name: `y${at}`, netns: two } })),
      Bridge.create({ netns: one, name: 'br' }),
      Link.create({ kind: 'ifb', netns: two, name: 'ifb-z' }),
    ])
    expect(namesIn(one)).toHaveLength(23)
    await Link.deleteAll(doomed)
    expect(namesIn(one)).toEqual(['keep', 'lo'])
    expect(namesIn(two)).toEqual(['keep', 'lo'])
    expect([keepOne.name, keepTwo.name]).toEqual(['keep', 'keep'])
    await Promise.all([one.close(), two.close()])
  })

  test('does not mind one that is gone, nor both ends of a pair, nor one twice, nor none', async () => {
    const pair = await Veth.create({ netns: host, name: 'both0', peer: { name: 'both1' } })
    const gone = await Bridge.create({ netns: host, name: 'gone' })
    const bridges = await Promise.all([Bridge.create({ netns: host, name: 'all0' }), Bridge.create({ netns: host, name: 'all1' })])
    ip(host, 'link', 'delete', 'gone')
    await Link.deleteAll([pair, gone, pair.peer, ...bridges, pair])
    await Link.deleteAll(bridges)
    await Link.deleteAll([])
    for (const name of ['both0', 'both1', 'gone', 'all0', 'all1']) expect(ipLink(host, name)).toBeUndefined()
  })

  test('deletes the others though one cannot be deleted, and tells of that one', async () => {
    const bridges = await Promise.all([Bridge.create({ netns: host, name: 'mix0' }), Bridge.create({ netns: host, name: 'mix1' })])
    const lo = await Link.get('lo', { netns: host })
    const error = await refusal(Link.deleteAll([bridges[0], lo, bridges[1]]))
    expect(error).toMatchObject({ code: 'EOPNOTSUPP', syscall: 'RTM_DELLINK', target: 'lo' })
    expect([ipLink(host, 'mix0'), ipLink(host, 'mix1')]).toEqual([undefined, undefined])
    expect(ipLink(host, 'lo').group).toBe('default')
  })

  test('deletes more than go in one datagram', async () => {
    const veths = await Promise.all(Array.from({ length: 200 }, () => Veth.create({ netns: host, peer: { netns: blue } })))
    await Link.deleteAll(veths)
    expect((await host.links.list({ kind: 'veth' })).filter((link) => veths.some((veth) => veth.index === link.index))).toEqual([])
  })
})
