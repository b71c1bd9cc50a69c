/** The making of a link: one message with all that it can carry, and one more datagram for the rest. */
import { encodeDelLink, encodeNewAddress, encodeNewLink, encodeSetLink } from '../codec/messages.js'
import { addressRecord } from '../address.js'
import { NetprimError, isRefusal, takeBack } from '../errors.js'
import { decodeLinks, indexOf, knownIndex, readLink, type Asking, type LinkRecord } from '../link-record.js'
import type { NativeRecord } from '../native.js'
import type { Netns } from '../netns.js'
import type { Purpose } from '../refusal.js'
import type { Request } from '../tour.js'
import { allAnswered } from '../all-answered.js'
import { bridgePortChecks, defaultMac, defaultName, pick, portRecord, type LinkCreation, type LinkSettings } from './options.js'

/** What a kind's own class adds to the record of a new link, and what was asked for that the kernel's answer leaves out. */
export interface Creation {
  readonly operation: string
  readonly kind: string
  readonly data?: NativeRecord | undefined
  /** If no others are asked for; the kernel's default for the kind if there are none here either. */
  readonly queues?: number
}

/** Asks the kernel for a new link. What it answers with leaves out the master, which it sets last. */
export async function createLink(netns: Netns, options: LinkSettings & LinkCreation, creation: Creation): Promise<LinkRecord> {
  const { operation, kind, data } = creation
  const asking: Asking = { operation, signal: options.signal }
  const [asMaster, asParent] = [options.master ?? undefined, options.parent]
  // Only a name has to be looked up: where there is none, the message is asked for at once, before what else is asked for in this tick.
  const master = typeof asMaster === 'string' ? await indexOf(netns, asMaster, asking) : asMaster && knownIndex(netns, asMaster)
  const parent = typeof asParent === 'string' ? await indexOf(netns, asParent, asking) : asParent && knownIndex(netns, asParent)
  const { name = defaultName(kind), mac = defaultMac(kind), queues = creation.queues } = options
  const { mtu, group, txQueueLength, promisc, allmulticast } = options
  // An isolated port shall not be open before it is isolated.
  const up = options.isolated === true ? undefined : options.up
  // Without the alias, which the kernel overlooks in this message.
  const record = {
    name,
    mac,
    mtu,
    group,
    txQueueLength,
    promisc,
    allmulticast,
    up,
    master,
    kind,
    parent,
    data,
    numTxQueues: queues,
    numRxQueues: queues,
  }
  const purpose = { syscall: 'RTM_NEWLINK', target: name, operation, signal: options.signal }
  const [echoed] = decodeLinks(await ask(netns, encodeNewLink(record), purpose, kind), master)
  // Kernels before 6.2 do not echo, nor does any for a kind that sets its link up by itself, as vxlan does.
  return echoed ?? readMade(netns, name, operation)
}

/** Reads a link that is there already: no abort shall leave it to nobody, and if it cannot be read it is deleted again. */
async function readMade(netns: Netns, name: string, operation: string): Promise<LinkRecord> {
  try {
    return await readLink(netns, name, { operation })
  } catch (error) {
    await takeBack(error, () => netns.route.request(encodeDelLink({ name }), { syscall: 'RTM_DELLINK', operation, target: name }))
    throw error
  }
}

async function ask(netns: Netns, message: Uint8Array, purpose: Purpose, kind: string): Promise<Uint8Array> {
  try {
    return await netns.route.request(message, purpose)
  } catch (error) {
    throw withoutKind(error as Error, kind)
  }
}

/** Names the kind where the kernel says only that it does not know it. */
function withoutKind(error: Error, kind: string): Error {
  if (!isRefusal(error, 'EOPNOTSUPP') || error.detail !== 'Unknown device type') return error
  const { errno, syscall, operation, target } = error
  return new NetprimError({ errno, syscall, operation, target, detail: `${error.detail}: the kernel has no link kind '${kind}'` })
}

/** What a link that has just been made is still to be given. */
export interface SetUp extends Pick<LinkCreation, 'hairpin' | 'isolated'> {
  readonly alias?: string | undefined
  readonly up?: boolean | undefined
  readonly addresses?: readonly string[] | undefined
}

/** What is still to be said of a link after the message that made it; undefined if that is nothing. */
export function remaining({ alias, up, addresses, hairpin, isolated }: LinkSettings & LinkCreation): SetUp | undefined {
  if (alias === undefined && addresses === undefined && hairpin === undefined && isolated === undefined) return undefined
  return {
    alias,
    addresses,
    ...(hairpin !== undefined && { hairpin }),
    ...(isolated !== undefined && { isolated }),
    up: isolated === true ? up : undefined,
  }
}

/** What gives a link that which the message that made it could not carry. */
export function setUpRequests(index: number, setUp: SetUp, asking: Asking): Request[] {
  const { alias, up, addresses = [] } = setUp
  const requests = addresses.map((address): Request => {
    const message = encodeNewAddress(addressRecord({ address }, index))
    return { message, purpose: { syscall: 'RTM_NEWADDR', target: address, ...asking } }
  })
  const port = pick(setUp, bridgePortChecks)
  if (alias !== undefined || up !== undefined || port !== undefined) {
    const message = encodeSetLink({ index, alias, up, ...portRecord(port) })
    requests.push({ message, purpose: { syscall: 'RTM_NEWLINK', target: String(index), ...asking } })
  }
  return requests
}

/** Asks for all of it at once. */
export async function setUpLink(netns: Netns, index: number, setUp: SetUp, asking: Asking): Promise<void> {
  await allAnswered(setUpRequests(index, setUp, asking).map(({ message, purpose }) => netns.route.request(message, purpose)))
}
