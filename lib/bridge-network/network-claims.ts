/** What a network as a whole has in the table: made with it, checked against the others', removed with it. */
import { NetprimError, errnoOf } from '../errors.js'
import type { Netns } from '../netns.js'
import type { NftExpression } from '../nft/types.js'
import {
  claimCommand,
  fieldsOf,
  portsToRelease,
  readClaims,
  readSet,
  readThenWrite,
  releaseCommand,
  type Claim,
  type Held,
} from './claims.js'
import { forwardingNote, forwards, settingsBefore, startForwarding, stopForwarding } from './host.js'
import { networkOf } from './identity.js'
import { createTable, deleteTable } from './ruleset.js'
import { Subnet } from './subnet.js'

/** What decides about a network's elements. */
export interface NetworkClaims {
  readonly name: string
  readonly bridge: string
  readonly subnet: Subnet
  readonly masquerade: boolean
  readonly icc: boolean
  readonly internal: boolean
  /** Whether forwarding was off when the network was made. */
  readonly forwarding: 'unchanged' | 'enabled'
}

function prefixOf(cidr: string): NftExpression {
  const [addr = '', len] = cidr.split('/')
  return { prefix: { addr, len: Number(len) } }
}

/** The elements of a network. Its name is its bridge's, which only one can have, so all of them may be there already. */
function elementsOf({ name, bridge, subnet, masquerade, icc, internal }: NetworkClaims): Claim[] {
  const prefix = prefixOf(subnet.cidr)
  const claims: Claim[] = [
    { set: 'bridges', key: bridge, shared: true },
    { set: 'subnets', key: prefix, comment: name, shared: true },
    { set: 'hairpin', key: { concat: [prefix, prefix] }, shared: true },
  ]
  if (icc) claims.push({ set: 'bridged', key: { concat: [bridge, bridge] }, shared: true })
  if (internal) claims.push({ set: 'internal', key: bridge, shared: true })
  else if (masquerade) claims.push({ set: 'masqueraded', key: prefix, shared: true })
  return claims
}

/** A subnet as it is listed: nft says a single prefix, or the range if it is none. */
function subnetOf({ key }: Held): Subnet {
  const { prefix } = key as { prefix: { addr: string; len: number } }
  return Subnet.of(`${prefix.addr}/${prefix.len}`)
}

/** The subnets of all networks, with the networks' names; undefined if there is no table. */
export async function claimedSubnets(host: Netns): Promise<{ subnet: Subnet; network: string | undefined }[] | undefined> {
  return (await readSet(host, 'subnets'))?.map((one) => ({ subnet: subnetOf(one), network: one.comment }))
}

/**
 * Puts a network into the table, and makes the table if there is none. Tells whether the host's forwarding has to be turned on for
 * it; the table then remembers that it was off.
 */
export async function addNetwork(host: Netns, network: NetworkClaims, operation: string): Promise<boolean> {
  let turnOn = false
  await readThenWrite(host, async () => {
    const [claimed, forwarding] = await Promise.all([claimedSubnets(host), network.internal || forwards(host)])
    const taken = claimed?.find((one) => one.network !== network.name && one.subnet.overlaps(network.subnet))
    if (taken !== undefined) throw subnetTaken(network, `${taken.subnet.cidr} of the network '${taken.network ?? '?'}'`, operation)
    turnOn = !forwarding
    // Who made the network turned it on, though the table that remembered it may be gone.
    const note = turnOn || network.forwarding === 'enabled' ? [await forwardingNote(host, turnOn)] : []
    return [...(claimed === undefined ? createTable() : []), ...[...elementsOf(network), ...note].map(claimCommand)]
  })
  return turnOn
}

/** The error for a subnet that is not free. */
export function subnetTaken(network: { readonly name: string; readonly subnet: Subnet }, by: string, operation: string): NetprimError {
  const detail = `the subnet ${network.subnet.cidr} overlaps ${by}`
  return new NetprimError({
    errno: errnoOf('EEXIST'),
    syscall: 'NFT_MSG_NEWSETELEM',
    operation,
    target: network.name,
    detail,
    attribute: 'subnet',
  })
}

const setsOfNetworks = ['bridges', 'internal', 'bridged', 'subnets', 'masqueraded', 'hairpin', 'addresses', 'published', 'published_at']

/**
 * Takes a network out of the table with all claims of its endpoints. The last one takes the table along, and turns forwarding off
 * if it was netprim that turned it on: before the table goes, so that who makes a network meanwhile sees either both or neither.
 */
export async function removeNetwork(host: Netns, network: NetworkToRemove): Promise<void> {
  let stopped = false
  await readThenWrite(host, async () => {
    const [last, before, ...sets] = await Promise.all([
      isLast(host, network),
      settingsBefore(host),
      ...setsOfNetworks.map((set) => readSet(host, set)),
    ])
    // Who took the note out of the table wants forwarding to stay; a table that is gone, with the note, says nothing.
    const turnedOn = sets[0] === undefined ? network.forwarding === 'enabled' : before !== undefined
    const stop = last && turnedOn
    if (stop && !stopped) await stopForwarding(host, before)
    if (!stop && stopped) await startForwarding(host)
    stopped = stop
    if (sets[0] === undefined) return []
    if (last) return [deleteTable]
    const own = ownClaims(network, new Map(setsOfNetworks.map((set, at) => [set, sets[at] ?? []])))
    return [...own, ...portsToRelease(own, sets.at(-1) ?? [])].map(releaseCommand)
  })
}

/** What has to be known of a network to take it out of the table. */
export type NetworkToRemove = Pick<NetworkClaims, 'name' | 'bridge' | 'forwarding'>

/** True if no other network is there. One in the making may not have said yet what it is, but then its bridge is in the table. */
async function isLast(host: Netns, { bridge }: NetworkToRemove): Promise<boolean> {
  const [links, listed] = await Promise.all([host.links.list({ kind: 'bridge' }), readClaims(host, 'bridges')])
  const others = links.filter(({ name }) => name !== bridge)
  return !others.some((link) => networkOf(link) !== undefined || listed.some(({ key }) => key === link.name))
}

/** Those of the elements that are the network's or one of its endpoints'. */
function ownClaims(network: NetworkToRemove, sets: ReadonlyMap<string, readonly Held[]>): (Held & { set: string })[] {
  const prefixes = new Set(
    (sets.get('subnets') ?? []).filter(({ comment }) => comment === network.name).map(({ key }) => JSON.stringify(key)),
  )
  const belongs: Readonly<Record<string, (held: Held) => boolean>> = {
    bridges: ({ key }) => key === network.bridge,
    internal: ({ key }) => key === network.bridge,
    bridged: ({ key }) => fieldsOf(key)[0] === network.bridge,
    subnets: ({ comment }) => comment === network.name,
    masqueraded: ({ key }) => prefixes.has(JSON.stringify(key)),
    hairpin: ({ key }) => prefixes.has(JSON.stringify(fieldsOf(key)[0])),
    addresses: ({ comment }) => comment?.startsWith(`${network.name}/`) === true,
    published: ({ comment }) => comment?.startsWith(`${network.name}/`) === true,
    published_at: ({ comment }) => comment?.startsWith(`${network.name}/`) === true,
  }
  return [...sets].flatMap(([set, elements]) => elements.filter((held) => belongs[set]?.(held)).map((held) => ({ set, ...held })))
}
