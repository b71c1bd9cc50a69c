/** What must be known of a set to read and write its elements: the types of its keys and values. */
import { idOfTypes, sizeOf, typesOfId, type DataType } from './datatypes.js'
import { padded } from './bytes.js'
import type { NftRecord } from './records.js'

/** Types of a set's keys and values. */
export interface SetShape {
  readonly name: string
  /** Number of the set in its transaction, if it is declared there. */
  readonly id?: number
  readonly keys: readonly DataType[]
  /** Types of the values of a map; `'verdict'` if they are verdicts. */
  readonly data?: readonly DataType[] | 'verdict'
  /** What kind of objects the values of a map name. Such maps can only be listed. */
  readonly object?: string
  /** Elements may be ranges. */
  readonly interval: boolean
}

/** Bytes of a key, or of a value: fields of a concatenation are padded to whole words. */
export function lengthOf(types: readonly DataType[]): number {
  const [first] = types
  if (types.length === 1 && first !== undefined) return sizeOf(first)
  return types.reduce((sum, type) => sum + padded(sizeOf(type)), 0)
}

/** Bytes that a key or value takes in the registers. */
export function roomOf(types: readonly DataType[]): number {
  return types.reduce((sum, type) => sum + padded(sizeOf(type)), 0)
}

/** The type of keys whose fields are ranges: pairs of keys, not intervals between keys. */
export function hasRangedFields(shape: SetShape): boolean {
  return shape.interval && shape.keys.length > 1
}

/** The part of a set's record that says its shape. */
export function shapeRecord(shape: SetShape): Partial<NftRecord> {
  const { keys, data } = shape
  const [first] = keys
  return {
    keyType: idOfTypes(keys),
    keyLength: lengthOf(keys),
    ...(keys.length === 1 && first !== undefined && { keyByteorder: first.byteorder }),
    ...(hasRangedFields(shape) && { fields: keys.map((type) => ({ length: sizeOf(type) })) }),
    ...dataRecord(data),
  }
}

function dataRecord(data: SetShape['data']): Partial<NftRecord> {
  if (data === undefined) return {}
  if (data === 'verdict') return { dataType: 'verdict' }
  const [first] = data
  return {
    dataType: idOfTypes(data),
    dataLength: lengthOf(data),
    ...(data.length === 1 && first !== undefined && { dataByteorder: first.byteorder }),
  }
}

/** The shape of a set that the kernel has. */
export function shapeOf(record: NftRecord): SetShape {
  const flags = (record.setFlags ?? []) as readonly string[]
  const types = (id: unknown, length: unknown): readonly DataType[] => typesOfId(Number(id ?? 0), Number(length ?? 0))
  const shape = { name: record.set ?? '', keys: types(record.keyType, record.keyLength), interval: flags.includes('interval') }
  if (flags.includes('object')) return { object: String(record.objectType), ...shape }
  if (!flags.includes('map')) return shape
  return { data: record.dataType === 'verdict' ? 'verdict' : types(record.dataType, record.dataLength), ...shape }
}

/** True if values of the set are indexes of interfaces, which are written as names. */
export function hasInterfaces({ keys, data = [] }: SetShape): boolean {
  return [...keys, ...(data === 'verdict' ? [] : data)].some((type) => type.name === 'iface_index')
}
