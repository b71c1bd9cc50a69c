/** The link that addresses, routes and neighbours are added to: a bridge, up, with a subnet. */
import { Bridge, type Netns } from 'netprim'
import { freshNetns } from './fresh-netns.js'
import { numbered, numberedAddress } from './numbered.js'

export async function subnetBridge(): Promise<Bridge> {
  return Bridge.create({ netns: await freshNetns(), name: 'br0', up: true, addresses: ['192.168.0.1/16'] })
}

/** A namespace with so many routes beside the subnet's. */
export async function withRoutes(count: number): Promise<Netns> {
  const link = await subnetBridge()
  await link.netns.routes.add(numbered(count, (at) => ({ to: numberedAddress(at), via: '192.168.0.2', link })))
  return link.netns
}
