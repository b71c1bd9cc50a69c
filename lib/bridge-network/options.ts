/** The options of a bridge network and of what is attached to it: types, defaults, checks. */
import { netnsHandle, type Netns } from '../netns.js'
import {
  abortSignal,
  arrayOf,
  boolean,
  checkOptions,
  integer,
  invalidArgValue,
  ipv4,
  linkName,
  mac,
  oneOf,
  port,
  required,
  text,
  u32,
  type Check,
  type Checks,
} from '../validate.js'
import { Subnet } from './subnet.js'

/** Protocols that ports can be published for. */
export type PublishProtocol = 'tcp' | 'udp' | 'sctp'

/** What {@link createBridgeNetwork} takes. */
export interface BridgeNetworkOptions {
  /** Name of the network: 1 to 40 letters, digits, '_', '.' or '-', beginning with a letter or digit. */
  readonly name: string
  /** IPv4 subnet, as `'172.30.0.0/24'`. The default is one that is free of the host's routes, out of 172.16.0.0/12 and 192.168.0.0/16. */
  readonly subnet?: string
  /** Address of the bridge, and the containers' gateway. The default is the first of the subnet. */
  readonly gateway?: string
  /** Name of the bridge link. The default is made from the network's name. */
  readonly bridge?: string
  /** Largest packet in bytes. The default is the MTU of the link that the host's default route leads through, else 1500. */
  readonly mtu?: number
  /** Hide the containers behind the host's address when they speak to the outside. The default is true. */
  readonly masquerade?: boolean
  /** Let the containers of the network speak with one another. The default is true. */
  readonly icc?: boolean
  /** No way to the outside at all, and no published ports. The default is false. */
  readonly internal?: boolean
  /**
   * Containers to keep ready, 0 to 1000: fresh namespaces that are on the network already, out of which {@link BridgeNetwork.attachNew}
   * takes the next. They belong to this handle, which makes a new one for each that is taken: when none has been taken for 20 ms, or none
   * is left. The default is 0.
   */
  readonly pool?: number
  /** Namespace that plays the host. The default is that of the calling thread. */
  readonly netns?: Netns
  /** Calls the creation off; what has been done is undone. */
  readonly signal?: AbortSignal
}

/** A port of a container that the host answers for. */
export interface PublishOptions {
  /** Port of the host. */
  readonly hostPort: number
  /** Port of the container. The default is `hostPort`. */
  readonly port?: number
  /** The default is `'tcp'`. */
  readonly protocol?: PublishProtocol
  /** The one address of the host to answer on, 127.0.0.1 among them. The default is every one. */
  readonly hostIp?: string
}

/** Which published port {@link Endpoint.unpublish} takes back. */
export type PublishedPort = Omit<PublishOptions, 'port'>

/** What {@link BridgeNetwork.attach} takes. */
export interface AttachOptions {
  /** Name of the endpoint, unique in the network; as the network's. The default is a random one. */
  readonly name?: string
  /** Address in the subnet. The default is the next free one. */
  readonly ip?: string
  /** Link-layer address in the container. The default is a random one. */
  readonly mac?: string
  /** Name of the link in the container. The default is `'eth0'`. */
  readonly ifname?: string
  /** Lead what has no other way to the gateway. The default is true; of no effect in an internal network. */
  readonly defaultRoute?: boolean
  /** Metric of the default route, for a container with several; the lowest is taken. The default is 0. */
  readonly metric?: number
  /** Ports to publish. */
  readonly publish?: readonly PublishOptions[]
  /** Calls the attach off until the last messages are sent, by which the links come up; what has been done is undone. */
  readonly signal?: AbortSignal
}

/** A name that serves in link aliases and in comments of nftables. */
const objectName: Check = (option, value) => {
  text(40)(option, value)
  if (!/^[a-z0-9][a-z0-9_.-]*$/i.test(value as string)) {
    throw invalidArgValue(option, "1 to 40 letters, digits, '_', '.' or '-', beginning with a letter or digit", value)
  }
}

const subnet: Check = (option, value) => {
  text(18)(option, value)
  const parsed = Subnet.parse(value as string)
  if (parsed === undefined || parsed.prefixLength > 30 || parsed.prefixLength < 8) {
    throw invalidArgValue(option, "an IPv4 subnet of 8 to 30 bits without host bits, as '172.30.0.0/24'", value)
  }
}

/** One address that a host can have; 0.0.0.0 would be matched as it stands, and never come. */
const unicast: Check = (option, value) => {
  ipv4(option, value)
  const first = Number((value as string).split('.')[0])
  if (first === 0 || first >= 224) throw invalidArgValue(option, 'an address that the host can have, or absent for every one', value)
}

const publishChecks: Checks = { hostPort: required(port), port, protocol: oneOf('tcp', 'udp', 'sctp'), hostIp: unicast }

const networkChecks: Checks = {
  name: required(objectName),
  subnet,
  gateway: ipv4,
  bridge: linkName,
  mtu: integer(68, 65535),
  masquerade: boolean,
  icc: boolean,
  internal: boolean,
  pool: integer(0, 1000),
  netns: netnsHandle,
  signal: abortSignal,
}

const attachChecks: Checks = {
  name: objectName,
  ip: ipv4,
  mac,
  ifname: linkName,
  defaultRoute: boolean,
  metric: u32,
  publish: arrayOf((option, value) => {
    checkOptions(value, publishChecks, option, `${option}.`)
  }),
  signal: abortSignal,
}

/** A published port with every default filled in. */
export type Published = Required<Omit<PublishOptions, 'hostIp'>> & { readonly hostIp: string | undefined }

/** Fills in the defaults of a port to be published, or to be taken back. */
export function published(options: PublishOptions | PublishedPort): Published {
  const containerPort = 'port' in options ? options.port : undefined
  return {
    hostPort: options.hostPort,
    port: containerPort ?? options.hostPort,
    protocol: options.protocol ?? 'tcp',
    hostIp: options.hostIp,
  }
}

/** Throws unless the address can be an endpoint's, or a gateway's, in the subnet. */
export function checkAddress(option: string, address: string, within: Subnet, gateway?: string): void {
  if (!within.isHostAddress(address)) throw invalidArgValue(option, `a host address of the subnet ${within.cidr}`, address)
  if (address === gateway) throw invalidArgValue(option, `another address than the gateway ${gateway}`, address)
}

/** Checks the options of a network. */
export function checkNetworkOptions(options: BridgeNetworkOptions): void {
  checkOptions(options, networkChecks)
  if (options.gateway === undefined) return
  if (options.subnet === undefined) throw invalidArgValue('subnet', "given together with 'gateway'", options.subnet)
  checkAddress('gateway', options.gateway, Subnet.of(options.subnet))
}

/** Checks what {@link BridgeNetwork.attach} was called with. */
export function checkAttachOptions(
  host: Netns,
  container: Netns,
  options: AttachOptions,
  network: { subnet: Subnet; gateway: string; internal: boolean },
): void {
  netnsHandle('netns', container)
  if (container.inode === host.inode) throw invalidArgValue('netns', "another namespace than the network's own", container)
  checkEndpointOptions(options, network)
}

/** Checks the options of an endpoint. */
export function checkEndpointOptions(options: AttachOptions, network: { subnet: Subnet; gateway: string; internal: boolean }): void {
  checkOptions(options, attachChecks)
  if (options.ip !== undefined) checkAddress('ip', options.ip, network.subnet, network.gateway)
  if (options.publish !== undefined && options.publish.length > 0) refuseInternal('publish', network.internal, options.publish)
  checkDistinct((options.publish ?? []).map(published))
}

function checkDistinct(ports: readonly Published[]): void {
  ports.forEach((port, at) => {
    const before = ports
      .slice(0, at)
      .findIndex(
        ({ protocol, hostPort, hostIp }) =>
          protocol === port.protocol &&
          hostPort === port.hostPort &&
          (hostIp === undefined || port.hostIp === undefined || hostIp === port.hostIp),
      )
    if (before !== -1) throw invalidArgValue(`publish[${at}]`, `another port of the host than publish[${before}]`, port)
  })
}

/** Checks a port to be published. */
export function checkPublishOptions(options: PublishOptions, internal: boolean): void {
  checkOptions(options, publishChecks)
  refuseInternal('hostPort', internal, options.hostPort)
}

/** Checks a port to be taken back; one may be handed back as it was published, with the container's port. */
export function checkPublishedPort(options: PublishedPort): void {
  checkOptions(options, publishChecks)
}

function refuseInternal(option: string, internal: boolean, value: unknown): void {
  if (internal) throw invalidArgValue(option, 'absent: an internal network publishes nothing', value)
}
