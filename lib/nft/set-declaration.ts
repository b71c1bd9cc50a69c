/** The shape of a set or map as it is declared in JSON. */
import { invalidArgValue } from '../validate.js'
import { asFamily, setKey } from './commands.js'
import { dataType, findType, typeNames, type DataType } from './datatypes.js'
import { asArray, asName, asObject, asWord, listOf, onlyMember, type Json } from './json.js'
import type { SetShape } from './set-shape.js'
import type { NftNamedMap, NftSet } from './types.js'

export const setFlags = ['constant', 'interval', 'timeout', 'dynamic'] as const

export function flagsOf<Word extends string>({ flags }: Json, words: readonly Word[], at: string): readonly Word[] {
  return flags === undefined ? [] : listOf(flags).map((flag, index) => asWord(flag, words, `${at}.flags[${index}]`))
}

const maxFields = 5

function parseTypes(value: unknown, at: string): readonly DataType[] {
  const names = typeof value === 'string' ? value.split(' . ') : listOf(value)
  if (names.length === 0 || names.length > maxFields) throw invalidArgValue(at, `1 to ${maxFields} types`, value)
  return names.map((name) => {
    const type = typeof name === 'string' ? findType(name) : undefined
    if (type === undefined) throw invalidArgValue(at, `a type, or several: ${typeNames.join(', ')}`, value)
    return dataType(type.name)
  })
}

/** A set or map that is known to be there, as it was declared or as {@link Nft.list} gives it. */
export type NftKnownSet = { readonly set: NftSet } | { readonly map: NftNamedMap }

const shapesOfKnown = new WeakMap<readonly NftKnownSet[], ReadonlyMap<string, SetShape>>()

/** The shapes of sets that the caller knows, by {@link setKey}. */
export function knownShapes(known: readonly NftKnownSet[] = []): ReadonlyMap<string, SetShape> {
  const before = shapesOfKnown.get(known)
  if (before !== undefined) return before
  const shapes = new Map(asArray(known, 'options.sets').map(knownShape))
  shapesOfKnown.set(known, shapes)
  return shapes
}

function knownShape(known: unknown, index: number): readonly [key: string, shape: SetShape] {
  const at = `options.sets[${index}]`
  const [kind, value] = onlyMember(known, at, '{ set } or { map }')
  if (kind !== 'set' && kind !== 'map') throw invalidArgValue(at, '{ set } or { map }', known)
  const body = asObject(value, `${at}.${kind}`)
  const key = setKey(
    asFamily(body.family, `${at}.${kind}.family`),
    asName(body.table, `${at}.${kind}.table`),
    asName(body.name, `${at}.${kind}.name`),
  )
  return [key, declaredShape(kind, body, `${at}.${kind}`)]
}

/** What its declaration says of a set's keys and values. */
export function declaredShape(kind: 'set' | 'map', body: Json, at: string): SetShape {
  return {
    name: asName(body.name, `${at}.name`),
    keys: parseTypes(body.type, `${at}.type`),
    interval: flagsOf(body, setFlags, at).includes('interval'),
    ...(kind === 'map' && { data: body.map === 'verdict' ? 'verdict' : parseTypes(body.map, `${at}.map`) }),
  }
}
