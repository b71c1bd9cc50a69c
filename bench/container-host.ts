/** A host with a bridge network, and containers in it: a namespace, a link with an address and a way out, a published port each. */
import { createBridgeNetwork, Link, type BridgeNetwork, type Endpoint, type Netns } from 'netprim'
import { endNamespaces, freshNetns, keep } from './fresh-netns.js'

/** @param pool - so many containers are ready */
export async function containerHost(pool = 0): Promise<BridgeNetwork> {
  return makeNetwork(await freshNetns(), pool)
}

export async function makeNetwork(netns: Netns, pool = 0): Promise<BridgeNetwork> {
  await (await Link.get('lo', { netns })).set({ up: true })
  return createBridgeNetwork({ netns, name: 'bench', subnet: '10.88.0.0/16', pool })
}

/** Ends the network and all namespaces: after a few rounds they would hold more descriptors than a process may have. */
export async function endHost(network: BridgeNetwork): Promise<void> {
  await network.destroy()
  await endNamespaces()
}

/** Makes the container's namespace and attaches it. */
export async function attachNew(network: BridgeNetwork, number: number): Promise<Endpoint> {
  const endpoint = await network.attachNew({ publish: [{ hostPort: 20_000 + number, port: 80 }] })
  keep(endpoint.netns)
  return endpoint
}

/** How many are as they should be, seen from the host: in the bridge, with an address, published. */
export async function countAttached(network: BridgeNetwork): Promise<number> {
  const { endpoints } = await network.inspect()
  const published = endpoints.filter((endpoint) => endpoint.published.length === 1)
  return new Set(published.map(({ address }) => address)).size
}

/** Whether the container has its address, and a way out. */
export async function isConnected({ netns, addresses: [given = ''] }: Endpoint): Promise<boolean> {
  const addresses = await netns.addresses.list({ family: 'ipv4' })
  const routes = await netns.routes.list({ family: 'ipv4' })
  const address = given.split('/')[0] ?? ''
  return addresses.some((own) => own.address.startsWith(`${address}/`)) && routes.some(({ to }) => to === 'default')
}
