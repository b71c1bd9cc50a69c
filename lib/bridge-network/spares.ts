/** Containers that are on the network before anybody asks for them: what is left to be done for one is to say whose it is. */
import { isRefusal } from '../errors.js'
import { allAnswered } from '../all-answered.js'
import { attach, nameTaken, type AddressPool, type AttachNetwork } from './attach.js'
import { addressClaim, claimAll, portClaims, releaseAll } from './claims.js'
import { dropStaleConnections, type Endpoint } from './endpoint.js'
import { hostLinkName, ownerOf, toAlias } from './identity.js'
import { published, type AttachOptions } from './options.js'
import { Undo } from './undo.js'

const operation = 'BridgeNetwork.attachNew'

/** How many are made at once. */
const lanes = 4

/** A rush is over when nobody has taken one for so long. */
const quietMilliseconds = 20

/** The spare containers of one process. */
export class Spares {
  readonly #network: AttachNetwork
  readonly #addresses: AddressPool
  readonly #size: number
  readonly #ready: Endpoint[] = []
  #beingMade = 0
  #filling: Promise<void> = Promise.resolve()
  #whenQuiet: NodeJS.Timeout | undefined
  #closed = false

  constructor(network: AttachNetwork, addresses: AddressPool, size: number) {
    this.#network = network
    this.#addresses = addresses
    this.#size = size
  }

  /** Makes as many as are missing. What may go wrong meanwhile, for want of addresses, is tried again behind it. */
  fill(): Promise<void> {
    const make = async (): Promise<void> => {
      await allAnswered(Array.from({ length: lanes }, () => this.#make()))
    }
    this.#filling = this.#filling.then(make, make)
    return this.#filling
  }

  async #make(): Promise<void> {
    while (!this.#closed && this.#ready.length + this.#beingMade < this.#size) {
      this.#beingMade++
      try {
        this.#ready.push(await attach(this.#network, this.#addresses, undefined, {}, true))
      } finally {
        this.#beingMade--
      }
    }
  }

  /** One of them, under its name and with its ports; undefined if there is none. */
  async take(options: AttachOptions): Promise<Endpoint | undefined> {
    if (this.#size === 0 || !isOrdinary(options)) return undefined
    clearTimeout(this.#whenQuiet)
    const spare = this.#ready.shift()
    try {
      return spare && (await this.#name(spare, options))
    } catch (error) {
      // Kernels before 6.2 rename no link that is up; and somebody else may have deleted it.
      if (isRefusal(error, 'EBUSY', 'ENODEV')) return undefined
      throw error
    } finally {
      this.#replace()
    }
  }

  /** The same, when those that are being made are there. */
  async takeWhenMade(options: AttachOptions): Promise<Endpoint | undefined> {
    await this.#filling.catch(() => undefined)
    return this.take(options)
  }

  /** Who takes the next would wait for the kernel while it makes another: that is begun with behind a rush, or when none is left. */
  #replace(): void {
    // Who finds none will make one, and be told why that cannot be.
    const fill = (): void => void this.fill().catch(() => undefined)
    clearTimeout(this.#whenQuiet)
    if (this.#ready.length === 0) fill()
    else this.#whenQuiet = setTimeout(fill, quietMilliseconds).unref()
  }

  /**
   * One message says whose the link is; ports, and an address under another name, take a transaction beside it. If anything is refused,
   * there is one spare less.
   */
  async #name(spare: Endpoint, { name = spare.name, publish = [] }: AttachOptions): Promise<Endpoint> {
    const { netns: host, name: network, bridge } = this.#network
    const { ip, id, mac, ifname, owner: before } = spare.parts
    const owner = ownerOf({ network, endpoint: name, id })
    const ports = publish.map(published)
    const address = addressClaim(bridge.name, ip, owner)
    const renamed = owner !== before
    const claims = [...(renamed ? [address] : []), ...ports.flatMap((port) => portClaims(port, ip, owner))]
    const alias = toAlias({ network, endpoint: name, id, ip, mac, ifname })
    const undo = new Undo()
    undo.add(() => discard(spare))
    const claim = async (): Promise<void> => {
      await claimAll(host, claims, operation, name, renamed ? [address] : [])
      undo.add(() => releaseAll(host, owner, claims))
      await dropStaleConnections(host, ports, operation)
    }
    try {
      await allAnswered([
        spare.link.set({ alias, ...(renamed && { name: hostLinkName(network, name) }) }).catch((error: unknown) => {
          throw isRefusal(error, 'EEXIST') ? nameTaken(error, network, name) : error
        }),
        ...(claims.length === 0 ? [] : [claim()]),
      ])
    } catch (error) {
      await undo.rollBack(error)
      throw error
    }
    return spare.as({ name, owner, published: ports })
  }

  /** Takes those off the network that nobody asked for. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#whenQuiet)
    await this.#filling.catch(() => undefined)
    await allAnswered(this.#ready.splice(0).map(discard))
  }
}

/** A spare container has the address, the link and the route that it was given. */
function isOrdinary({ ip, mac, ifname, defaultRoute, metric }: AttachOptions): boolean {
  return [ip, mac, ifname, defaultRoute, metric].every((option) => option === undefined)
}

async function discard(spare: Endpoint): Promise<void> {
  await spare.detach().finally(() => spare.netns.close())
}
