/**
 * Many elements that are nothing but keys, or keys and values, straight into bytes. What is not as plain, and whatever is
 * wrong, is left to the compiler of all elements, which knows what to say of it.
 */
import { padded } from './bytes.js'
import { sizeOf, type DataType, type Interfaces } from './datatypes.js'
import type { PlainElements } from './records.js'
import { lengthOf, type SetShape } from './set-shape.js'

/** Puts a value where it belongs; false if it is none that is plain. */
type Put = (value: unknown, bytes: Uint8Array, at: number) => boolean

function putOne(type: DataType, interfaces: Interfaces): Put {
  if (type.place !== undefined) return type.place
  const size = sizeOf(type)
  return (value, bytes, at) => {
    if (typeof value !== 'string' && typeof value !== 'number') return false
    if (type.isText === true && (typeof value !== 'string' || value.endsWith('*'))) return false
    try {
      bytes.set(type.parse(value, '', interfaces).subarray(0, size), at)
      return true
    } catch {
      return false
    }
  }
}

function putter(types: readonly DataType[], interfaces: Interfaces): Put {
  const puts = types.map((type) => putOne(type, interfaces))
  const [only] = puts
  if (puts.length === 1 && only !== undefined) return only
  const rooms = types.map((type) => padded(sizeOf(type)))
  return (value, bytes, start) => {
    const fields = (value as { concat?: unknown } | null | undefined)?.concat
    if (!Array.isArray(fields) || fields.length !== puts.length) return false
    let at = start
    for (let index = 0; index < puts.length; index++) {
      if (puts[index]?.(fields[index], bytes, at) !== true) return false
      at += rooms[index] ?? 0
    }
    return true
  }
}

/** A list of plain elements; undefined if it is none. */
export function plainElements(shape: SetShape, list: readonly unknown[], interfaces: Interfaces): PlainElements | undefined {
  const { keys, data } = shape
  if (shape.interval || data === 'verdict' || list.length === 0) return undefined
  const [keyLength, dataLength] = [lengthOf(keys), data === undefined ? 0 : lengthOf(data)]
  const keyBytes = new Uint8Array(keyLength * list.length)
  const dataBytes = new Uint8Array(dataLength * list.length)
  const putKey = putter(keys, interfaces)
  const putData = data === undefined ? undefined : putter(data, interfaces)
  for (let index = 0; index < list.length; index++) {
    const element = list[index]
    if (putData === undefined) {
      if (element === '*' || !putKey(element, keyBytes, index * keyLength)) return undefined
      continue
    }
    if (!Array.isArray(element) || element.length !== 2 || element[0] === '*') return undefined
    if (!putKey(element[0], keyBytes, index * keyLength) || !putData(element[1], dataBytes, index * dataLength)) return undefined
  }
  return { count: list.length, keyLength, keys: keyBytes, dataLength, data: dataBytes }
}
