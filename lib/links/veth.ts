/** Pairs of virtual Ethernet links (veth(4), `ip link add type veth`). */
import { netnsOrCurrent, type Netns } from '../netns.js'
import { arrayOf, checkOptions, cidr, record as recordOf, type Checks } from '../validate.js'
import { randomMac } from '../random.js'
import { refuseOtherKind } from './kind.js'
import { linkReference, readLink, type Asking, type LinkRecord } from '../link-record.js'
import { createLink, remaining, setUpLink } from './create-link.js'
import { Link } from './link.js'
import {
  creationChecks,
  defaultName,
  etherMtu,
  inNetnsChecks,
  settingChecks,
  type InNetns,
  type LinkCreation,
  type LinkSettings,
} from './options.js'

/** The other end of a pair. */
export interface VethPeerOptions extends Pick<LinkSettings, 'name' | 'mtu' | 'mac' | 'up' | 'group' | 'alias' | 'txQueueLength'> {
  /** Namespace to make it in. The default is that of the first end. */
  readonly netns?: Netns
  /** Addresses with the lengths of their prefixes, as `'10.0.0.2/24'`. */
  readonly addresses?: readonly string[]
}

/** What {@link Veth.create} takes. */
export interface VethOptions extends LinkSettings, LinkCreation {
  /** The other end. The default is one in the same namespace, with a name of its own, down. */
  readonly peer?: VethPeerOptions
}

const { name, mac, up, group, alias, txQueueLength } = settingChecks
const peerLinkChecks = { name, mtu: etherMtu, mac, up, group, alias, txQueueLength }
const peerChecks = { ...peerLinkChecks, netns: inNetnsChecks['netns'], addresses: arrayOf(cidr) } as Checks

const vethChecks: Checks = { ...creationChecks, mtu: etherMtu, peer: recordOf(peerChecks) }

/** What is known of the peer without asking for it: what was asked for, and its index, which the pair's own record says. */
function peerRecord(made: LinkRecord, asked: PeerAsked, { up = false, alias, group, txQueueLength }: VethPeerOptions): LinkRecord {
  const { name: peerName, mac: peerMac, mtu = made.mtu } = asked
  return {
    index: made.parent ?? 0,
    up,
    lowerUp: false,
    loopback: false,
    promisc: false,
    allmulticast: false,
    name: peerName,
    mtu,
    mac: peerMac,
    kind: 'veth',
    parent: made.index,
    ...(alias !== undefined && { alias }),
    ...(group !== undefined && { group }),
    ...(txQueueLength !== undefined && { txQueueLength }),
  }
}

/** What the message says of the peer. */
interface PeerAsked {
  readonly name: string
  readonly mac: string
  readonly mtu: number | undefined
}

/** One end of a pair of links: what is sent into one comes out of the other. */
export class Veth extends Link {
  /**
   * The other end: of a pair that was made here, and of one that was found with both ends in one namespace. Undefined if it is in
   * a namespace that is not known.
   */
  readonly peer: Link | undefined

  /** @internal */
  constructor(netns: Netns, record: LinkRecord, owned: boolean, peer: Link | undefined) {
    super(netns, record, owned)
    this.peer = peer
  }

  /**
   * Makes a pair in one message, each end where it belongs. Bringing the peer up and giving it addresses takes one more datagram.
   * Needs CAP_NET_ADMIN in both namespaces.
   *
   * @throws {@link NetprimError} EEXIST if a name is taken
   */
  static override async create(options: VethOptions = {}): Promise<Veth & { readonly peer: Link }> {
    checkOptions(options, vethChecks)
    const netns = netnsOrCurrent(options.netns)
    const peerNetns = options.peer?.netns ?? netns
    return peerNetns.usedBy(netns.usedBy(Veth.#create(netns, peerNetns, options)))
  }

  static async #create(netns: Netns, peerNetns: Netns, options: VethOptions): Promise<Veth & { readonly peer: Link }> {
    const asking: Asking = { operation: 'Veth.create', signal: options.signal }
    const { peer: peerOptions = {}, queues = 1 } = options
    const { name: peerName = defaultName('veth'), mac: peerMac = randomMac() } = peerOptions
    // Two ends of different sizes lose packets in silence.
    const asked: PeerAsked = { name: peerName, mac: peerMac, mtu: peerOptions.mtu ?? options.mtu }
    const netnsFd = peerNetns === netns ? undefined : peerNetns.fd
    const { group, txQueueLength } = peerOptions
    // Member by member: a spread with more behind it takes seven times the memory.
    const peerData = {
      name: asked.name,
      mac: asked.mac,
      mtu: asked.mtu,
      group,
      txQueueLength,
      netnsFd,
      numTxQueues: queues,
      numRxQueues: queues,
    }
    const made = await createLink(netns, options, { operation: asking.operation, kind: 'veth', data: { peer: peerData }, queues })
    const peer = new Link(peerNetns, peerRecord(made, asked, peerOptions), false)
    const veth = new Veth(netns, made, true, peer)
    const peerIsMade = peerOptions.up === undefined && remaining(peerOptions) === undefined
    await veth.finish(options, peerIsMade ? undefined : () => setUpLink(peerNetns, peer.index, peerOptions, asking))
    return veth as Veth & { readonly peer: Link }
  }

  /**
   * Finds one end of a pair by name or index.
   *
   * @throws {@link NetprimError} ENODEV if there is no such link, EOPNOTSUPP if it is no veth
   */
  static override async get(reference: string | number, options: InNetns = {}): Promise<Veth> {
    linkReference('reference', reference)
    checkOptions(options, inNetnsChecks)
    const netns = netnsOrCurrent(options.netns)
    return netns.usedBy(Veth.#get(netns, reference, options))
  }

  static async #get(netns: Netns, reference: string | number, options: InNetns): Promise<Veth> {
    const asking: Asking = { operation: 'Veth.get', signal: options.signal }
    const found = await readLink(netns, reference, asking)
    refuseOtherKind(found, 'veth', 'Veth.get')
    const here = found.parent !== undefined && found.linkNetnsid === undefined
    return new Veth(netns, found, false, here ? new Link(netns, await readLink(netns, found.parent, asking), false) : undefined)
  }
}
