/** Bridges (`ip link add type bridge`, bridge(8)). */
import { netnsOrCurrent, type Netns } from '../netns.js'
import { checkOptions, type Checks } from '../validate.js'
import { refuseOtherKind } from './kind.js'
import { linkReference, readLink } from '../link-record.js'
import { createLink } from './create-link.js'
import { Link, type LinkChanges } from './link.js'
import {
  checksOfKind,
  creationChecks,
  etherMtu,
  inNetnsChecks,
  pick,
  type InNetns,
  type KindOptions,
  type LinkCreation,
  type LinkSettings,
} from './options.js'

/** What {@link Bridge.create} takes. */
export type BridgeOptions = LinkSettings & LinkCreation & KindOptions['bridge']

const { particular } = checksOfKind('bridge')
const bridgeChecks: Checks = { ...creationChecks, ...particular, mtu: etherMtu }

/** An Ethernet bridge. */
export class Bridge extends Link {
  /**
   * Makes a bridge. Its MAC address is set from the start, so it does not change with the ports. Needs CAP_NET_ADMIN.
   *
   * @throws {@link NetprimError} EEXIST if the name is taken
   */
  static override async create(options: BridgeOptions = {}): Promise<Bridge> {
    checkOptions(options, bridgeChecks)
    const netns = netnsOrCurrent(options.netns)
    return netns.usedBy(Bridge.#create(netns, options))
  }

  static async #create(netns: Netns, options: BridgeOptions): Promise<Bridge> {
    const creation = { operation: 'Bridge.create', kind: 'bridge', data: pick(options, particular) }
    const bridge = new Bridge(netns, await createLink(netns, options, creation), true)
    await bridge.finish(options)
    return bridge
  }

  /**
   * Finds a bridge by name or index.
   *
   * @throws {@link NetprimError} ENODEV if there is no such link, EOPNOTSUPP if it is no bridge
   */
  static override async get(reference: string | number, options: InNetns = {}): Promise<Bridge> {
    linkReference('reference', reference)
    checkOptions(options, inNetnsChecks)
    const netns = netnsOrCurrent(options.netns)
    const record = await readLink(netns, reference, { operation: 'Bridge.get', signal: options.signal })
    refuseOtherKind(record, 'bridge', 'Bridge.get')
    return new Bridge(netns, record, false)
  }

  /** Changes the bridge; what is not named stays as it is. `priority` means the bridge's own. */
  override set(changes: Omit<LinkChanges, 'priority'> & KindOptions['bridge']): Promise<this> {
    return super.set(changes)
  }
}
