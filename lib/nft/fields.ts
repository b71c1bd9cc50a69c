/** What a rule can look at: headers of packets, and what the kernel knows beside them. A new key is a row of a table. */
import { dataType, integer, type DataType } from './datatypes.js'

/** Where a payload expression counts from. */
export type Base = 'link' | 'network' | 'transport'

/** A field of a header. */
export interface HeaderField {
  readonly name: string
  /** Bits from the header's start. */
  readonly offset: number
  readonly bits: number
  readonly type: DataType
}

/** A protocol's header. */
export interface Protocol {
  readonly name: string
  readonly base: Base
  /** What must carry it: the network protocol, by its word of nf_proto. */
  readonly network?: 'ipv4' | 'ipv6' | 'arp'
  /** The protocol itself, by its word of inet_proto, when it is one above IP. */
  readonly transport?: string
  readonly fields: readonly HeaderField[]
}

type Row = readonly [name: string, offset: number, bits: number, type?: string]

function header(name: string, base: Base, above: Pick<Protocol, 'network' | 'transport'>, rows: readonly Row[]): Protocol {
  const fields = rows.map(([field, offset, bits, type]) => ({
    name: field,
    offset,
    bits,
    type: type === undefined ? integer(bits, 'network') : dataType(type),
  }))
  return { name, base, ...above, fields }
}

const ports: readonly Row[] = [
  ['sport', 0, 16, 'inet_service'],
  ['dport', 16, 16, 'inet_service'],
]

/** The order is that in which a field is looked for when a rule is read. */
export const protocols: readonly Protocol[] = [
  header('ether', 'link', {}, [
    ['daddr', 0, 48, 'ether_addr'],
    ['saddr', 48, 48, 'ether_addr'],
    ['type', 96, 16, 'ether_type'],
  ]),
  header('ip', 'network', { network: 'ipv4' }, [
    ['version', 0, 4],
    ['hdrlength', 4, 4],
    ['dscp', 8, 6, 'dscp'],
    ['ecn', 14, 2, 'ecn'],
    ['length', 16, 16],
    ['id', 32, 16],
    ['frag-off', 48, 16],
    ['ttl', 64, 8],
    ['protocol', 72, 8, 'inet_proto'],
    ['checksum', 80, 16],
    ['saddr', 96, 32, 'ipv4_addr'],
    ['daddr', 128, 32, 'ipv4_addr'],
  ]),
  header('ip6', 'network', { network: 'ipv6' }, [
    ['version', 0, 4],
    ['dscp', 4, 6, 'dscp'],
    ['ecn', 10, 2, 'ecn'],
    ['flowlabel', 12, 20],
    ['length', 32, 16],
    ['nexthdr', 48, 8, 'inet_proto'],
    ['hoplimit', 56, 8],
    ['saddr', 64, 128, 'ipv6_addr'],
    ['daddr', 192, 128, 'ipv6_addr'],
  ]),
  header('arp', 'network', { network: 'arp' }, [
    ['htype', 0, 16],
    ['ptype', 16, 16, 'ether_type'],
    ['hlen', 32, 8],
    ['plen', 40, 8],
    ['operation', 48, 16, 'arp_op'],
    ['saddr ether', 64, 48, 'ether_addr'],
    ['saddr ip', 112, 32, 'ipv4_addr'],
    ['daddr ether', 144, 48, 'ether_addr'],
    ['daddr ip', 192, 32, 'ipv4_addr'],
  ]),
  header('icmp', 'transport', { network: 'ipv4', transport: 'icmp' }, [
    ['type', 0, 8, 'icmp_type'],
    ['code', 8, 8, 'icmp_code'],
    ['checksum', 16, 16],
  ]),
  header('icmpv6', 'transport', { network: 'ipv6', transport: 'ipv6-icmp' }, [
    ['type', 0, 8, 'icmpv6_type'],
    ['code', 8, 8, 'icmpv6_code'],
    ['checksum', 16, 16],
  ]),
  header('tcp', 'transport', { transport: 'tcp' }, [
    ...ports,
    ['sequence', 32, 32],
    ['ackseq', 64, 32],
    ['doff', 96, 4],
    ['reserved', 100, 4],
    ['flags', 104, 8, 'tcp_flag'],
    ['window', 112, 16],
    ['checksum', 128, 16],
    ['urgptr', 144, 16],
  ]),
  header('udp', 'transport', { transport: 'udp' }, [...ports, ['length', 32, 16], ['checksum', 48, 16]]),
  header('udplite', 'transport', { transport: 'udplite' }, [...ports, ['checksum', 48, 16]]),
  header('sctp', 'transport', { transport: 'sctp' }, [...ports, ['vtag', 32, 32], ['checksum', 64, 32]]),
  header('dccp', 'transport', { transport: 'dccp' }, [...ports]),
  header('esp', 'transport', { transport: 'esp' }, [
    ['spi', 0, 32],
    ['sequence', 32, 32],
  ]),
  header('th', 'transport', {}, [...ports]),
]

const protocolsByName = new Map(protocols.map((protocol) => [protocol.name, protocol]))

/** The protocol of this name, if there is one. */
export function findProtocol(name: string): Protocol | undefined {
  return protocolsByName.get(name)
}

/** Keys of `meta`, with the types of their values. */
export const metaKeys: Readonly<Record<string, DataType>> = {
  length: integer(32, 'host'),
  protocol: dataType('ether_type'),
  priority: dataType('classid'),
  mark: dataType('mark'),
  iif: dataType('iface_index'),
  oif: dataType('iface_index'),
  iifname: dataType('ifname'),
  oifname: dataType('ifname'),
  iiftype: dataType('iface_type'),
  oiftype: dataType('iface_type'),
  skuid: dataType('uid'),
  skgid: dataType('gid'),
  nftrace: integer(1, 'host'),
  rtclassid: dataType('realm'),
  nfproto: dataType('nf_proto'),
  l4proto: dataType('inet_proto'),
  ibrname: dataType('ifname'),
  obrname: dataType('ifname'),
  pkttype: dataType('pkt_type'),
  cpu: integer(32, 'host'),
  iifgroup: dataType('devgroup'),
  oifgroup: dataType('devgroup'),
  cgroup: integer(32, 'host'),
  random: integer(32, 'host'),
  iifkind: dataType('ifname'),
  oifkind: dataType('ifname'),
  sdif: dataType('iface_index'),
  sdifname: dataType('ifname'),
  day: dataType('day'),
}

/** Keys of `ct`, with the types of their values. */
export const ctKeys: Readonly<Record<string, DataType>> = {
  state: dataType('ct_state'),
  direction: dataType('ct_dir'),
  status: dataType('ct_status'),
  mark: dataType('mark'),
  event: dataType('ct_event'),
  expiration: dataType('time'),
  l3proto: dataType('nf_proto'),
  protocol: dataType('inet_proto'),
  'proto-src': dataType('inet_service'),
  'proto-dst': dataType('inet_service'),
  packets: integer(64, 'host'),
  bytes: integer(64, 'host'),
  avgpkt: integer(64, 'host'),
  zone: integer(16, 'host'),
  id: integer(32, 'network'),
  'ip saddr': dataType('ipv4_addr'),
  'ip daddr': dataType('ipv4_addr'),
  'ip6 saddr': dataType('ipv6_addr'),
  'ip6 daddr': dataType('ipv6_addr'),
}

/** Results of `fib`, with the types of their values. */
export const fibResults: Readonly<Record<string, DataType>> = {
  oif: dataType('iface_index'),
  oifname: dataType('ifname'),
  type: dataType('fib_addrtype'),
}

/** What a `fib` look-up may be made from. */
export const fibFlags: readonly string[] = ['saddr', 'daddr', 'mark', 'iif', 'oif']
