/** Program: does rounds of one case with the CNI plugins bridge, host-local and portmap, as a container runtime does it. */
import type { Netns } from 'netprim'
import { answerRounds } from './answer-rounds.js'
import { containerRounds, type Container, type Runtime } from './container-rounds.js'
import { runInsideAsync } from './run-inside.js'

const plugins = '/usr/lib/cni'

interface Network {
  readonly host: Netns
  readonly name: string
  /** Where host-local keeps its leases: in the /run that the driver has given this process for itself. */
  readonly dataDir: string
}

/** @param command - ADD or DEL, which gives the plugin's result as JSON @param previous - the result of the plugin before */
async function runPlugin(network: Network, plugin: object, command: string, container: Container, previous?: unknown): Promise<unknown> {
  const { type } = plugin as { type: string }
  const config = { cniVersion: '0.4.0', name: network.name, ...plugin, prevResult: previous }
  const environment = {
    CNI_COMMAND: command,
    CNI_CONTAINERID: container.id,
    CNI_NETNS: container.netns.path,
    CNI_IFNAME: 'eth0',
    CNI_PATH: plugins,
  }
  const output = await runInsideAsync(network.host, `${plugins}/${type}`, [], JSON.stringify(config), environment)
  return output === '' ? undefined : JSON.parse(output)
}

function bridge({ dataDir }: Network): object {
  const ipam = { type: 'host-local', ranges: [[{ subnet: '10.88.0.0/16' }]], dataDir }
  return { type: 'bridge', bridge: 'cni0', isGateway: true, isDefaultGateway: true, ipMasq: true, ipam }
}

function portmap({ hostPort }: Container): object {
  const portMappings = [{ hostPort, containerPort: 80, protocol: 'tcp' }]
  return { type: 'portmap', capabilities: { portMappings: true }, runtimeConfig: { portMappings } }
}

function cniRuntime(host: Netns, round: number): Runtime {
  const network: Network = { host, name: 'bench', dataDir: `/run/netprim-bench/${round}` }
  const results = new Map<string, unknown>()
  return {
    async attach(container) {
      const bridged = await runPlugin(network, bridge(network), 'ADD', container)
      results.set(container.id, await runPlugin(network, portmap(container), 'ADD', container, bridged))
    },
    async detach(container) {
      const result = results.get(container.id)
      await runPlugin(network, portmap(container), 'DEL', container, result)
      await runPlugin(network, bridge(network), 'DEL', container, result)
    },
  }
}

void answerRounds(containerRounds(cniRuntime), ...process.argv.slice(2))
