// The design's examples, and uses that the types must refuse. Checked by `npm run lint:types`, never run.
import { spawn, type ChildProcess } from 'node:child_process'
import {
  Bridge,
  Link,
  Netns,
  NetprimError,
  Veth,
  type AddressRecord,
  type LinkOptions,
  type LinkRecord,
  type NeighbourRecord,
  type RouteOptions,
  type RouteRecord,
} from 'netprim'

declare const manyRoutes: readonly RouteOptions[]
declare const other: Link
declare function use(...values: unknown[]): void

export async function namespaces(): Promise<void> {
  const host: Netns = Netns.current()
  await using blue = await Netns.create('blue')
  await using anon = await Netns.create()
  const c = await Netns.open('blue')
  for (const reference of [{ path: '/proc/1/ns/net' }, { pid: 1 }, { fd: 3 }] as const) await Netns.open(reference)
  const names: string[] = await Netns.list()
  const [path, name, inode]: [string, string | undefined, number] = [blue.path, blue.name, blue.inode]
  await c.close()
  await blue.delete()
  const child: ChildProcess = blue.run(() => spawn('nginx'))
  const other_: ChildProcess = blue.spawn('ping', ['-c1', '172.18.0.1'], { stdio: 'inherit' })
  const forwarding: string = await blue.sysctl.get('net.ipv4.ip_forward')
  await blue.sysctl.set('net.ipv4.ip_forward', 1)
  use([host, anon, names, path, name, inode, child, other_, forwarding])

  // @ts-expect-error a namespace is named by a string
  await Netns.create(1)
  // @ts-expect-error one of path, pid and fd
  await Netns.open({ name: 'blue' })
  // @ts-expect-error numbers and text, no booleans
  await blue.sysctl.set('net.ipv4.ip_forward', true)
  // @ts-expect-error only made by create, open and current
  new Netns()
  // @ts-expect-error it is read-only
  blue.name = 'green'
}

export async function links(host: Netns, blue: Netns): Promise<void> {
  const br: Bridge = await Bridge.create({ name: 'br0', up: true, addresses: ['172.18.0.1/16'] })
  const veth = await Veth.create({
    name: 'veth0',
    master: br,
    up: true,
    peer: { name: 'eth0', netns: blue, up: true, addresses: ['172.18.0.10/16'] },
  })
  const shown: [number, string, string, number, Netns] = [veth.index, veth.name, veth.mac, veth.mtu, veth.netns]
  const peer: Link = veth.peer
  const found = await Veth.get('veth0', { netns: host })
  // @ts-expect-error a pair that was found may have its peer anywhere
  use(found.peer.name)
  const same: Veth = await veth.set({ mtu: 1400, up: false, master: null })
  await veth.refresh()
  await veth.delete()
  await Link.create({ kind: 'vxlan', name: 'vx0', id: 42, port: 4789 })
  await Link.create({ kind: 'wireguard', name: 'wg0' })
  await Link.get('veth0', { netns: host })
  const listed: Link[] = await host.links.list({ kind: 'veth', master: br })
  await Link.deleteAll([veth, other])
  const record: LinkRecord = veth.record
  await using scoped = await Bridge.create({ netns: host })
  use([shown, peer, same, listed, record, scoped])

  // @ts-expect-error there is no such option
  await Bridge.create({ nmae: 'br0' })
  // @ts-expect-error an option of another kind
  await Link.create({ kind: 'bridge', name: 'br0', port: 4789 })
  // @ts-expect-error a kind has to be said
  await Link.create({ name: 'br0' })
  // @ts-expect-error a macvlan has four modes
  await Link.create({ kind: 'macvlan', mode: 'public' })
  // @ts-expect-error CIDRs are text
  await Bridge.create({ addresses: [10] })
  // @ts-expect-error a list of addresses
  await Bridge.create({ addresses: '10.0.0.1/24' })
  // @ts-expect-error a namespace, not its name
  await Veth.create({ peer: { netns: 'blue' } })
  // @ts-expect-error a pair has no master for the peer
  await Veth.create({ peer: { master: br } })
  // @ts-expect-error the kind is not changed
  await veth.set({ kind: 'bridge' })
  // @ts-expect-error it is read-only
  veth.mtu = 1400
  // @ts-expect-error it is read-only
  veth.record.mtu = 1400
  const options: LinkOptions<'vxlan'> = { kind: 'vxlan', id: 1 }
  use(options)
}

export async function lists(host: Netns, blue: Netns, veth: Veth, br: Bridge): Promise<void> {
  await veth.addresses.add('10.0.0.1/24')
  const addresses: AddressRecord[] = await host.addresses.list({ link: br })
  await blue.routes.add({ to: 'default', via: '172.18.0.1' })
  await blue.routes.add([...manyRoutes])
  const route: RouteRecord = await blue.routes.get('8.8.8.8')
  const neighbours: NeighbourRecord[] = await blue.neighbours.list()
  await blue.routes.add(await host.routes.list({ table: 'all', signal: AbortSignal.timeout(1000) }))
  await blue.addresses.add({ address: '10.0.0.2/24', link: 'eth0', flags: ['nodad'] })
  await blue.neighbours.add({ address: '10.0.0.2', link: br, mac: '02:00:00:00:00:01' })
  // What is listed has the keys of what is added.
  await blue.addresses.add(addresses)
  await blue.neighbours.delete(neighbours)
  use(route)

  // @ts-expect-error a destination is needed
  await blue.routes.add({ via: '172.18.0.1' })
  // @ts-expect-error no such type
  await blue.routes.add({ to: 'default', type: 'blakhole' })
  // @ts-expect-error no such family
  await blue.routes.list({ family: 'inet' })
  // @ts-expect-error a link is needed
  await blue.neighbours.add({ address: '10.0.0.2' })
  // @ts-expect-error records are frozen
  route.to = 'default'
  // @ts-expect-error records are frozen
  neighbours[0]!.flags = []
}

export function errors(error: unknown): string | undefined {
  if (!(error instanceof NetprimError)) return undefined
  const [errno, suppressed]: [number, unknown[]] = [error.errno, error.suppressed]
  use([errno, suppressed])
  // @ts-expect-error it is read-only
  error.code = 'EPERM'
  return error.detail ?? error.attribute ?? error.target ?? `${error.operation} ${error.syscall} ${error.code}`
}
