/** Program: does rounds of one case with netavark, as Podman does it. */
import { mkdirSync } from 'node:fs'
import type { Netns } from 'netprim'
import { answerRounds } from './answer-rounds.js'
import { containerRounds, type Container, type Runtime } from './container-rounds.js'
import { runInsideAsync } from './run-inside.js'

const program = '/usr/lib/podman/netavark'

const network = {
  name: 'bench',
  id: '2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9',
  driver: 'bridge',
  network_interface: 'podman0',
  subnets: [{ subnet: '10.88.0.0/16', gateway: '10.88.0.1' }],
  ipv6_enabled: false,
  internal: false,
  dns_enabled: false,
  ipam_options: { driver: 'host-local' },
}

function optionsOf({ id, number, hostPort }: Container): object {
  return {
    container_id: id,
    container_name: id,
    networks: { bench: { static_ips: [`10.88.1.${number}`], interface_name: 'eth0' } },
    network_info: { bench: network },
    port_mappings: [{ host_ip: '', host_port: hostPort, container_port: 80, protocol: 'tcp', range: 1 }],
  }
}

function netavarkRuntime(host: Netns, round: number): Runtime {
  // In the /run that the driver has given this process for itself.
  const directory = `/run/netprim-bench/${round}`
  mkdirSync(directory, { recursive: true })
  async function netavark(command: string, container: Container): Promise<void> {
    const input = JSON.stringify(optionsOf(container))
    await runInsideAsync(host, program, ['--config', directory, command, container.netns.path], input, { NETAVARK_FW: 'iptables' })
  }
  return { attach: (container) => netavark('setup', container), detach: (container) => netavark('teardown', container) }
}

void answerRounds(containerRounds(netavarkRuntime), ...process.argv.slice(2))
