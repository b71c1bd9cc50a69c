/** The link that addresses, routes and neighbours are added to: a bridge, up, with a subnet. */
import { Bridge } from 'netprim'
import { freshNetns } from './fresh-netns.js'

export async function subnetBridge(): Promise<Bridge> {
  return Bridge.create({ netns: await freshNetns(), name: 'br0', up: true, addresses: ['192.168.0.1/16'] })
}
