// Several handles, and several calls at once: nobody takes away what is another's, and everybody gets what was asked for.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Bridge, Netns, Veth, createBridgeNetwork, type BridgeNetworkOptions } from 'netprim'
import { runIn } from '../helpers/oracle.js'

let host: Netns
let boxes: Netns[]
beforeEach(async () => {
  host = await Netns.create()
  boxes = await Promise.all([Netns.create(), Netns.create()])
})
afterEach(async () => {
  await Promise.all([host, ...boxes].map((netns) => netns.delete()))
})

const linkNames = async (): Promise<string[]> => (await host.links.list()).map(({ name }) => name)

const make = (options: Partial<BridgeNetworkOptions> = {}): ReturnType<typeof createBridgeNetwork> =>
  createBridgeNetwork({ netns: host, name: 'web', subnet: '172.30.0.0/24', ...options })

test('a handle of a network that has been replaced leaves the new one alone', async () => {
  const stale = await make()
  await (await make()).destroy()
  const net = await make()
  await net.attach(boxes[0]!, { name: 'app', publish: [{ hostPort: 8080 }] })
  await stale.destroy()
  expect((await net.inspect()).endpoints).toMatchObject([{ name: 'app', published: [{ hostPort: 8080 }] }])
  await net.destroy()
})

test('an endpoint that is gone gives back nothing of one that has its name', async () => {
  const net = await make()
  const stale = await net.attach(boxes[0]!, { name: 'app', ip: '172.30.0.9', publish: [{ hostPort: 8080 }] })
  const second = await make()
  await second.destroy()
  const anew = await make()
  await anew.attach(boxes[1]!, { name: 'app', ip: '172.30.0.9', publish: [{ hostPort: 8080 }] })
  await stale.detach()
  expect((await anew.inspect()).endpoints).toMatchObject([{ name: 'app', address: '172.30.0.9/24', published: [{ hostPort: 8080 }] }])
  expect(runIn(host, 'nft', 'list', 'set', 'inet', 'netprim', 'addresses')).toContain('172.30.0.9')
})

test('publish, unpublish and detach asked for at once happen in that order, and after detach nothing is published', async () => {
  const net = await make()
  const end = await net.attach(boxes[0]!)
  const outcomes = await Promise.allSettled([
    end.publish({ hostPort: 1 }),
    end.unpublish({ hostPort: 1 }),
    end.publish({ hostPort: 2 }),
    end.detach(),
  ])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'fulfilled'])
  await expect(end.publish({ hostPort: 3 })).rejects.toMatchObject({ code: 'ERR_NETPRIM_CLOSED' })
  expect(runIn(host, 'nft', 'list', 'map', 'inet', 'netprim', 'ports')).not.toContain('elements')
})

test('of those who claim at once, who is refused is told why, and the others get what they asked for', async () => {
  const net = await make()
  const before = await linkNames()
  const outcomes = await Promise.allSettled(
    boxes.map((box, at) => net.attach(box, { name: `c${at}`, publish: [{ hostPort: 8080 }, { hostPort: 9000 + at }] })),
  )
  const ends = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  expect(ends).toHaveLength(1)
  const { name } = ends[0]!
  expect(outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))).toMatchObject([
    { code: 'EEXIST', attribute: 'publish', detail: `tcp port 8080 is published by web/${name}` },
  ])
  const { endpoints } = await net.inspect()
  expect(endpoints.map((endpoint) => endpoint.name)).toEqual([name])
  expect(endpoints[0]!.published.map(({ hostPort }) => hostPort).sort()).toEqual([8080, 9000 + Number(name.slice(1))])
  await ends[0]!.detach()
  expect(runIn(host, 'nft', 'list', 'map', 'inet', 'netprim', 'ports')).not.toContain('elements')
  expect(await linkNames()).toEqual(before)
})

test('networks made at once without a subnet get one each, and the same network made at once is one', async () => {
  const nets = await Promise.all(Array.from({ length: 6 }, (_, at) => createBridgeNetwork({ netns: host, name: `net${at}` })))
  expect(new Set(nets.map(({ subnet }) => subnet)).size).toBe(6)
  const same = await Promise.all(Array.from({ length: 6 }, () => make({ subnet: '10.9.0.0/24' })))
  expect(new Set(same.map(({ bridge }) => bridge.index)).size).toBe(1)
})

test('a network is found by its name whatever its bridge is called', async () => {
  await make({ bridge: 'x0' })
  expect((await make()).bridge.name).toBe('x0')
  await expect(make({ bridge: 'y0' })).rejects.toMatchObject({ code: 'EEXIST', attribute: 'bridge' })
})

test('the MTU stays that of the network when containers come and go', async () => {
  const net = await make({ mtu: 1400 })
  await (await net.attach(boxes[0]!)).detach()
  expect((await make({ mtu: 1400 })).mtu).toBe(1400)
})

test('unpublish without an address takes the port back wherever it was published, and nothing else', async () => {
  const net = await make()
  const end = await net.attach(boxes[0]!, {
    publish: [
      { hostPort: 53, hostIp: '127.0.0.1' },
      { hostPort: 53, hostIp: '127.0.0.2' },
      { hostPort: 53, protocol: 'udp' },
    ],
  })
  await end.unpublish({ hostPort: 53, hostIp: '10.9.9.9' })
  expect(end.published).toHaveLength(3)
  await end.unpublish({ hostPort: 53 })
  expect(end.published).toMatchObject([{ hostPort: 53, protocol: 'udp' }])
  await expect(end.publish({ hostPort: 80, hostIp: '0.0.0.0' })).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
})

test('a second network on one container says how, and works so', async () => {
  const [one, other] = [await make(), await make({ name: 'other', subnet: '172.31.0.0/24' })]
  await one.attach(boxes[0]!)
  await expect(other.attach(boxes[0]!, { ifname: 'eth1' })).rejects.toMatchObject({ code: 'EEXIST', attribute: 'metric' })
  await other.attach(boxes[0]!, { ifname: 'eth1', metric: 10 })
  await expect(one.attach(boxes[1]!, { ifname: 'eth%d' })).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
  expect((await boxes[0]!.routes.list()).filter(({ to }) => to === 'default')).toHaveLength(2)
})

test('the last destroy leaves the host as it was, redirects too; and forwarding on for whoever took the note away', async () => {
  const settings = ['net.ipv4.ip_forward', 'net.ipv4.conf.all.accept_redirects']
  const read = (): Promise<string[]> => Promise.all(settings.map((key) => host.sysctl.get(key)))
  await host.sysctl.set('net.ipv4.conf.all.accept_redirects', 0)
  await (await make()).destroy()
  expect(await read()).toEqual(['0', '0'])
  const net = await make()
  runIn(host, 'nft', 'delete', 'element', 'inet', 'netprim', 'forwarding', '{ ipv4 }')
  await net.destroy()
  expect(await read()).toEqual(['1', '0'])
})

test('what another bridge of the host passes on is left alone, though netprim turned forwarding on', async () => {
  await make()
  const theirs = await Bridge.create({ netns: host, name: 'virbr0', up: true })
  for (const [at, box] of boxes.entries()) {
    await Veth.create({
      netns: host,
      master: theirs,
      up: true,
      peer: { netns: box, name: 'eth0', up: true, addresses: [`10.5.0.${at + 1}/24`] },
    })
  }
  expect(runIn(boxes[0]!, 'ping', '-c1', '-W2', '10.5.0.2')).toContain(' 0% packet loss')
})
