/** The messages that netprim sends and understands, each a function on bytes. */
import { native, type NativeRecord } from '../native.js'
import { decodeMessages, type Begin } from './decode.js'
import { encodeMessage, encodeMessages, type Complete } from './encode.js'
import type { ObjectSource } from './native-types.js'
import { tableOf } from './table.js'

/** Makes a message of a record. */
export interface Encode {
  (record: NativeRecord): Uint8Array
  /** The messages of several, one behind the other; what is not to be acknowledged is answered only if it is refused. */
  all<Name extends string, Item extends object>(
    records: readonly Item[],
    acknowledged: boolean,
    complete?: Complete<Name, Item>,
  ): Uint8Array
}
/** The records of those messages among the bytes that tell of such an object. */
export type Decode = <Name extends string>(bytes: Uint8Array, begin?: Begin<Name>) => NativeRecord[]

function encoder(object: ObjectSource, name: string): Encode {
  const request = object.requests[name]
  if (request === undefined) throw new Error(`the addon knows no message '${name}'`)
  const { type, flags } = request
  return Object.assign((record: NativeRecord) => encodeMessage(type, flags, tableOf(object.table), record), {
    all: ((records, acknowledged, complete) =>
      encodeMessages(
        type,
        acknowledged ? flags : flags & ~native.framing.flags.ack,
        tableOf(object.table),
        records as readonly NativeRecord[],
        complete as Complete | undefined,
      )) satisfies Encode['all'],
  })
}

/** Reads the messages in which the kernel tells of such objects. */
export function decoder(object: ObjectSource): Decode {
  return (bytes, begin) => decodeMessages(bytes, object.told, tableOf(object.table), begin)
}

const { link, address, route, neighbour, conntrack } = native.objects

export const encodeNewLink = encoder(link, 'newLink')
export const encodeSetLink = encoder(link, 'setLink')
export const encodeDelLink = encoder(link, 'delLink')
export const encodeGetLink = encoder(link, 'getLink')
export const encodeGetLinks = encoder(link, 'getLinks')
export const decodeLinks = decoder(link)

export const encodeNewAddress = encoder(address, 'newAddress')
export const encodeReplaceAddress = encoder(address, 'replaceAddress')
export const encodeDelAddress = encoder(address, 'delAddress')
export const encodeGetAddresses = encoder(address, 'getAddresses')
export const decodeAddresses = decoder(address)

export const encodeNewRoute = encoder(route, 'newRoute')
export const encodeReplaceRoute = encoder(route, 'replaceRoute')
export const encodeDelRoute = encoder(route, 'delRoute')
export const encodeGetRoute = encoder(route, 'getRoute')
export const encodeGetRoutes = encoder(route, 'getRoutes')
export const decodeRoutes = decoder(route)

export const encodeNewNeighbour = encoder(neighbour, 'newNeighbour')
export const encodeReplaceNeighbour = encoder(neighbour, 'replaceNeighbour')
export const encodeDelNeighbour = encoder(neighbour, 'delNeighbour')
export const encodeGetNeighbours = encoder(neighbour, 'getNeighbours')
export const decodeNeighbours = decoder(neighbour)

export const encodeDeleteConnections = encoder(conntrack, 'deleteConnections')
