/** What compiling knows as it goes: of the transaction its sets, of a rule the protocols that are certain by now. */
import { invalidArgValue } from '../validate.js'
import { dataType, type Interfaces } from './datatypes.js'
import type { Protocol } from './fields.js'
import type { ExpressionRecord } from './records.js'
import type { SetShape } from './set-shape.js'
import type { NftFamily } from './types.js'

/** Declares an anonymous set with these elements; `at` is their place. */
export type DeclareAnonymous = (shape: Omit<SetShape, 'name' | 'id'>, elements: readonly unknown[], at: string) => SetShape

/** What the rest of the transaction offers to a rule. */
export interface RuleSurroundings {
  readonly family: NftFamily
  readonly interfaces: Interfaces
  readonly declareAnonymous: DeclareAnonymous
  /** The named set or map of the rule's table. */
  readonly findSet: (name: string, at: string) => SetShape
}

const networkOfFamily: Readonly<Partial<Record<NftFamily, Protocol['network']>>> = { ip: 'ipv4', ip6: 'ipv6', arp: 'arp' }
const etherTypes = { ipv4: 'ip', ipv6: 'ip6', arp: 'arp' } as const
const noInterfaces: Interfaces = new Map()
const etherTypeLoad: readonly ExpressionRecord[] = [{ name: 'payload', base: 'link', offset: 12, len: 2, dreg: 0 }]

/** A rule in the making. */
export class RuleContext {
  readonly family: NftFamily
  readonly interfaces: Interfaces
  readonly declareAnonymous: DeclareAnonymous
  readonly findSet: RuleSurroundings['findSet']
  readonly expressions: ExpressionRecord[] = []
  #network: Protocol['network']
  #transport: string | undefined
  /** Packets have an Ethernet header; bridges have no others. */
  #isEthernet: boolean
  /** Its type tells the network protocol, as the rule looks at the header anyway. */
  #hasEtherType = false

  constructor(surroundings: RuleSurroundings) {
    this.family = surroundings.family
    this.interfaces = surroundings.interfaces
    this.declareAnonymous = surroundings.declareAnonymous
    this.findSet = surroundings.findSet
    this.#network = networkOfFamily[surroundings.family]
    this.#isEthernet = surroundings.family === 'bridge'
  }

  emit(...expressions: readonly ExpressionRecord[]): void {
    this.expressions.push(...expressions)
  }

  /** Makes certain that packets have the protocol's header, with matches where nothing before has done so. */
  require(protocol: Protocol, at: string): void {
    if (protocol.base === 'link') this.#requireEthernet(at)
    if (protocol.network !== undefined) this.requireNetwork(protocol.network, at)
    if (protocol.transport !== undefined) this.requireTransport(protocol.transport, at)
  }

  requireNetwork(network: NonNullable<Protocol['network']>, at: string): void {
    if (this.#network === network) return
    if (this.#network !== undefined)
      throw invalidArgValue(at, `something of ${this.#network}, as the table or what precedes it in the rule`, network)
    const etherType = dataType('ether_type').parse(etherTypes[network], at, noInterfaces)
    // Bridges and devices see other protocols too, which nfproto does not tell apart; of a bridge's, nft looks for ARP in the header.
    if (this.#hasEtherType || (this.family === 'bridge' && network === 'arp'))
      this.emit(...etherTypeLoad, { name: 'cmp', op: 'eq', sreg: 0, data: etherType })
    else if (this.family === 'inet') this.#match('nfproto', dataType('nf_proto').parse(network, at, noInterfaces))
    else this.#match('protocol', etherType)
    this.#network = network
  }

  #requireEthernet(at: string): void {
    if (this.#isEthernet) return
    this.#match('iiftype', dataType('iface_type').parse('ether', at, noInterfaces))
    this.#isEthernet = true
    this.#hasEtherType = true
  }

  requireTransport(transport: string, at: string): void {
    if (this.#transport === transport) return
    if (this.#transport !== undefined)
      throw invalidArgValue(at, `something of ${this.#transport}, as what precedes it in the rule`, transport)
    this.#match('l4proto', dataType('inet_proto').parse(transport, at, noInterfaces))
    this.#transport = transport
  }

  /** Some transport protocol has been matched, so that there are ports. */
  hasTransport(): boolean {
    return this.#transport !== undefined
  }

  /** The rule goes on only with packets of this network protocol. */
  knowNetwork(word: unknown): void {
    if (word === 'ipv4' || word === 'ip') this.#network ??= 'ipv4'
    if (word === 'ipv6' || word === 'ip6') this.#network ??= 'ipv6'
    if (word === 'arp') this.#network ??= 'arp'
  }

  /** The rule goes on only with packets of this transport protocol. */
  knowTransport(word: unknown): void {
    if (typeof word === 'string') this.#transport ??= word
  }

  /** The network protocol that is certain by now. */
  get network(): Protocol['network'] {
    return this.#network
  }

  #match(key: string, data: Uint8Array): void {
    this.emit({ name: 'meta', key, dreg: 0 }, { name: 'cmp', op: 'eq', sreg: 0, data })
  }
}
