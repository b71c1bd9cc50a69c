/** IPv4 subnets: what belongs to one, and which is free. The arithmetic is ip-address's. */
import { Address4 } from 'ip-address'

/** An IPv4 subnet. */
export class Subnet {
  /** In network form, as `'172.30.0.0/24'`. */
  readonly cidr: string
  readonly prefixLength: number
  readonly #first: bigint
  readonly #last: bigint

  private constructor(address: Address4) {
    this.#first = address.startAddress().bigInt()
    this.#last = address.endAddress().bigInt()
    this.prefixLength = address.subnetMask
    this.cidr = `${address.startAddress().correctForm()}/${this.prefixLength}`
  }

  /** The subnet that the text says in network form; undefined for any other text. */
  static parse(cidr: string): Subnet | undefined {
    if (!Address4.isValid(cidr) || !cidr.includes('/')) return undefined
    const subnet = new Subnet(new Address4(cidr))
    return subnet.cidr === cidr ? subnet : undefined
  }

  /** The subnet that an address with the length of its prefix lies in. */
  static of(cidr: string): Subnet {
    return new Subnet(new Address4(cidr))
  }

  /** The address at this distance from the network's own. */
  at(distance: number): string {
    return Address4.fromBigInt(this.#first + BigInt(distance)).correctForm()
  }

  /** Distance of an address from the network's own. */
  distanceOf(address: string): number {
    return Number(new Address4(address).bigInt() - this.#first)
  }

  /** How many addresses a host can have: all but the network's own and the broadcast address. */
  get hosts(): number {
    return Number(this.#last - this.#first) - 1
  }

  /** True for an address of the subnet that a host can have. */
  isHostAddress(address: string): boolean {
    const value = new Address4(address).bigInt()
    return value > this.#first && value < this.#last
  }

  /** True if the two have an address in common. */
  overlaps(other: Subnet): boolean {
    return this.#first <= other.#last && other.#first <= this.#last
  }
}

/** What networks are made of when no subnet is asked for, in this order: those that nobody else is likely to route. */
const pools = [
  { prefix: '172.16.0.0/12', length: 16, skip: 1 },
  { prefix: '192.168.0.0/16', length: 20, skip: 0 },
]

/** The subnets to choose from that have no address in common with any of those in use. */
export function* freeSubnets(used: readonly Subnet[]): Generator<Subnet> {
  for (const { prefix, length, skip } of pools) {
    const pool = Subnet.of(prefix)
    const size = 2 ** (32 - length)
    const count = 2 ** (length - pool.prefixLength)
    for (let at = skip; at < count; at++) {
      const candidate = Subnet.of(`${pool.at(at * size)}/${length}`)
      if (!used.some((other) => other.overlaps(candidate))) yield candidate
    }
  }
}
