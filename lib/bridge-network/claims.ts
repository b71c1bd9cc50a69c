/** Claims on addresses and ports: elements of the table's sets, each with its owner in the comment; the kernel lets only one add them. */
import { setTimeout } from 'node:timers/promises'
import { NetprimError, isRefusal, errnoOf } from '../errors.js'
import type { Netns } from '../netns.js'
import type { NftCommand, NftExpression, NftSetElement } from '../nft/types.js'
import { Company } from './company.js'
import { ownerName } from './identity.js'
import type { Published } from './options.js'
import { declarations, table } from './ruleset.js'

/** An element of one of the table's sets or maps. */
export interface Claim {
  readonly set: string
  readonly key: NftExpression
  readonly data?: NftExpression
  readonly comment?: string | undefined
  /** Several may hold it, as long as they say the same. */
  readonly shared?: true
}

/** How long something is tried anew because others change the ruleset meanwhile, and how far apart at the most. */
const patienceMilliseconds = 5000
const longestPauseMilliseconds = 20

function elementOf({ key, data, comment }: Claim): NftSetElement {
  const commented: NftExpression = comment === undefined ? key : { elem: { val: key, comment } }
  return data === undefined ? commented : [commented, data]
}

type AtLeastOne = readonly [Claim, ...Claim[]]

/** The command that makes a claim. */
export function claimCommand(claim: Claim): NftCommand {
  return commandForAll([claim])
}

/** For claims on elements of the same set. Without EXCL the kernel takes what is there already, if it says the same. */
function commandForAll(claims: AtLeastOne): NftCommand {
  const [first] = claims
  const element = { element: { name: first.set, elem: claims.map(elementOf), ...table } }
  return first.shared === true ? { add: element } : { create: element }
}

/** The command that gives a claim back. */
export function releaseCommand(claim: Claim): NftCommand {
  return { delete: { element: { name: claim.set, elem: [claim.key], ...table } } }
}

/** The claim on an endpoint's address. */
export function addressClaim(bridge: string, ip: string, owner: string): Claim {
  return { set: 'addresses', key: { concat: [bridge, ip] }, comment: owner }
}

/** What the `ports` map says of a port: published at every address of the host, or at single ones. */
const everywhere = 1
const atAddresses = 2

/** The claims that publish a port: first the one that others might have, then the one that leads to the container. */
export function portClaims(published: Published, ip: string, owner: string): [Claim, Claim] {
  const { protocol, hostPort, hostIp, port } = published
  const data = { concat: [ip, port] }
  const key = { concat: [protocol, hostPort] }
  if (hostIp === undefined) {
    return [
      { set: 'ports', key, data: everywhere },
      { set: 'published', key, data, comment: owner },
    ]
  }
  return [
    { set: 'ports', key, data: atAddresses, shared: true },
    { set: 'published_at', key: { concat: [protocol, hostIp, hostPort] }, data, comment: owner },
  ]
}

/** A claim as it is read back. */
export interface Held {
  readonly key: NftExpression
  readonly data?: NftExpression
  readonly comment: string | undefined
}

function held(element: NftSetElement): Held {
  const [key, data] = (Array.isArray(element) ? element : [element]) as [NftExpression, NftExpression?]
  const known = typeof key === 'object' && 'elem' in key ? key.elem : { val: key }
  return { key: known.val, comment: known.comment, ...(data !== undefined && { data }) }
}

/** All elements of one of the table's sets or maps; undefined if there is no table. */
export async function readSet(host: Netns, set: string): Promise<Held[] | undefined> {
  try {
    const { nftables } = await host.nft.list({ set, ...table })
    return nftables.flatMap((object) => {
      const found = 'set' in object ? object.set : 'map' in object ? object.map : undefined
      return ((found?.elem ?? []) as readonly NftSetElement[]).map(held)
    })
  } catch (error) {
    if (isRefusal(error, 'ENOENT')) return undefined
    throw error
  }
}

/** All elements of one of the table's sets or maps; none if there is no table. */
export async function readClaims(host: Netns, set: string): Promise<Held[]> {
  return (await readSet(host, set)) ?? []
}

/** One claim, if somebody has made it. */
export async function readClaim(host: Netns, claim: Claim): Promise<Held | undefined> {
  try {
    const found = await host.nft.getElement({ name: claim.set, elem: claim.key, ...table }, { sets: declarations })
    return found === undefined ? undefined : held(found)
  } catch (error) {
    // There is no table.
    if (isRefusal(error, 'ENOENT')) return undefined
    throw error
  }
}

/**
 * Makes the claims, all or none; if one is somebody else's, the error says whose. Those that are `released` are the caller's own, and
 * given back first.
 */
export async function claimAll(
  host: Netns,
  claims: readonly Claim[],
  operation: string,
  target: string,
  released: readonly Claim[] = [],
): Promise<void> {
  try {
    await (released.length === 0 ? claiming.join(host, claims) : claimAlone(host, claims, released))
  } catch (error) {
    const refused = refusedClaim(error, [...released, ...claims])
    if (refused === undefined) throw error
    throw await conflict(host, refused, operation, target)
  }
}

function claimAlone(host: Netns, claims: readonly Claim[], released: readonly Claim[] = []): Promise<void> {
  return host.nft.apply([...released.map(releaseCommand), ...claims.map(claimCommand)], { sets: declarations })
}

/** To be told whose claim it is that is refused, one is sent as it was asked for. */
const claiming = new Company<readonly Claim[]>((host, several) => {
  const [only = [], ...others] = several
  if (others.length === 0) return claimAlone(host, only)
  return host.nft.apply(commandsFor(several.flat()), { sets: declarations })
})

/** One command for all elements of a set. */
function commandsFor(claims: readonly Claim[]): NftCommand[] {
  const bySet = new Map<string, [Claim, ...Claim[]]>()
  for (const claim of claims) {
    const set = `${claim.set} ${claim.shared === true ? 'shared' : ''}`
    const alike = bySet.get(set)
    if (alike === undefined) bySet.set(set, [claim])
    else alike.push(claim)
  }
  return [...bySet.values()].map(commandForAll)
}

/** The claim that a batch of claims was refused for. */
export function refusedClaim(error: unknown, claims: readonly Claim[]): Claim | undefined {
  if (!isRefusal(error, 'EEXIST')) return undefined
  const at = /^nftables\[(\d+)\]/.exec(error.attribute ?? '')?.[1]
  return at === undefined ? undefined : claims[Number(at)]
}

/** The fields of a concatenated key. */
export function fieldsOf(key: NftExpression): readonly (string | number)[] {
  return (key as { readonly concat: readonly (string | number)[] }).concat
}

async function conflict(host: Netns, claim: Claim, operation: string, target: string): Promise<NetprimError> {
  const words = fieldsOf(claim.key).map(String)
  const failure = { errno: errnoOf('EEXIST'), syscall: 'NFT_MSG_NEWSETELEM', operation, target }
  if (claim.set === 'addresses') {
    const owner = ownerName((await readClaim(host, claim))?.comment)
    return new NetprimError({ ...failure, detail: `${words[1]} belongs to ${owner}`, attribute: 'ip' })
  }
  const owner = ownerName(await ownerOfPort(host, claim))
  const port = words.at(-1)
  const where = words.length === 3 ? ` at ${words[1]}` : ''
  return new NetprimError({ ...failure, detail: `${words[0]} port ${port}${where} is published by ${owner}`, attribute: 'publish' })
}

async function ownerOfPort(host: Netns, claim: Claim): Promise<string | undefined> {
  const [protocol, port] = fieldsOf(claim.key)
  if (claim.set !== 'ports') return (await readClaim(host, claim))?.comment
  const everyAddress = await readClaim(host, { set: 'published', key: claim.key })
  if (everyAddress?.comment !== undefined) return everyAddress.comment
  const single = (await readClaims(host, 'published_at')).find(({ key }) => {
    const [otherProtocol, , otherPort] = fieldsOf(key)
    return otherProtocol === protocol && otherPort === port
  })
  return single?.comment
}

/** In each host namespace one after the other, for each would make the other's generation stale. */
const turns = new WeakMap<Netns, Promise<unknown>>()

/**
 * Changes the ruleset by what was read of it, as one step: if anybody changes it in between, it is read again. `plan` asks what it
 * needs in one go, after the generation.
 */
export function readThenWrite(host: Netns, plan: () => Promise<readonly NftCommand[]>): Promise<void> {
  const step = async (): Promise<void> => {
    for (const end = performance.now() + patienceMilliseconds; ;) {
      try {
        const [generation, commands] = await Promise.all([host.nft.generation(), plan()])
        if (commands.length > 0) await host.nft.apply(commands, { generation, sets: declarations })
        return
      } catch (error) {
        if (!isRefusal(error, 'ERESTART', 'EINTR') || performance.now() > end) throw error
      }
      // At random, so that two do not keep in each other's way.
      await setTimeout(Math.random() * longestPauseMilliseconds)
    }
  }
  const turn = (turns.get(host) ?? Promise.resolve()).then(step, step)
  turns.set(host, turn)
  return turn
}

interface Release {
  readonly owner: string
  readonly claims: readonly Claim[]
}

/** What is to be given back in each host namespace, and has not been begun with. */
const releases = new WeakMap<Netns, { readonly all: Release[]; readonly done: Promise<void> }>()

/**
 * Gives back those of the claims that are the owner's; what is not there, or somebody else's by now, stays as it is. What several give
 * back meanwhile goes in one transaction.
 */
export function releaseAll(host: Netns, owner: string, claims: readonly Claim[]): Promise<void> {
  const waiting = releases.get(host)
  if (waiting !== undefined) {
    waiting.all.push({ owner, claims })
    return waiting.done
  }
  const all: Release[] = [{ owner, claims }]
  const done = readThenWrite(host, () => {
    if (releases.get(host)?.all === all) releases.delete(host)
    return releaseCommands(host, all)
  })
  releases.set(host, { all, done })
  return done
}

async function releaseCommands(host: Netns, releases: readonly Release[]): Promise<NftCommand[]> {
  const wanted = releases.flatMap(({ owner, claims }) => claims.map((claim) => ({ owner, claim })))
  const found = await Promise.all(wanted.map(({ claim }) => readClaim(host, claim)))
  const own = wanted.filter(({ owner }, at) => found[at]?.comment === owner).map(({ claim }) => claim)
  const singles = own.some(({ set }) => set === 'published_at') ? await readClaims(host, 'published_at') : []
  return [...own, ...portsToRelease(own, singles)].map(releaseCommand)
}

/** The claims on `ports` that end with these: at once for every address, with the last one for single addresses. */
export function portsToRelease(released: readonly Claim[], singles: readonly Held[]): Claim[] {
  const name = (key: NftExpression): string => fieldsOf(key).join(' ')
  const ofPorts = released.filter(({ set }) => set === 'published' || set === 'published_at')
  const ending = new Set(ofPorts.map(({ key }) => name(key)))
  const staying = new Set(
    singles
      .map(({ key }) => name(key))
      .filter((key) => !ending.has(key))
      .map(withoutAddress),
  )
  const ports = new Map<string, Claim>()
  for (const { set, key } of ofPorts) {
    const [protocol = '', port = ''] = [fieldsOf(key)[0], fieldsOf(key).at(-1)]
    const portKey = { concat: [protocol, port] }
    if (set === 'published' || !staying.has(name(portKey))) ports.set(name(portKey), { set: 'ports', key: portKey })
  }
  return [...ports.values()]
}

function withoutAddress(name: string): string {
  const [protocol, , port] = name.split(' ')
  return `${protocol} ${port}`
}
