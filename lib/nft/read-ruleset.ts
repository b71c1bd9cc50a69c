/** The ruleset: from what the kernel dumped to the objects that `nft -j list ruleset` prints, in its order. */
import type { DataType, Interfaces } from './datatypes.js'
import type { Json } from './json.js'
import type { ElementRecord, NftRecord } from './records.js'
import { readingOf, sayElements } from './read-elements.js'
import { readRule, type ListedSet } from './read-rule.js'
import { hasInterfaces, shapeOf, type SetShape } from './set-shape.js'
import { setKey } from './commands.js'
import type { NftObject } from './types.js'

/** What was dumped. */
export interface Dump {
  readonly tables: readonly NftRecord[]
  readonly chains: readonly NftRecord[]
  readonly rules: readonly NftRecord[]
  readonly sets: readonly NftRecord[]
  /** What is said of the elements of the sets that have names, by {@link setKey}. */
  readonly said: ReadonlyMap<string, readonly unknown[]>
  /** The elements of the others: of what types their keys are, their rule says. */
  readonly elements: ReadonlyMap<string, readonly ElementRecord[]>
  readonly interfaces: Interfaces
}

/** Only these parts are said; a set or a chain alone without its table. */
export interface Selection {
  readonly set?: string | undefined
  readonly chain?: string | undefined
}

function flagsOf(record: NftRecord): readonly string[] {
  return (record.setFlags ?? []) as readonly string[]
}

/** True for a set that only its rule knows. */
export function isAnonymous(record: NftRecord): boolean {
  return flagsOf(record).includes('anonymous')
}

function isIn(table: NftRecord): (record: NftRecord) => boolean {
  return (record) => record.family === table.family && record.table === table.table
}

function optional(record: NftRecord, ...names: readonly string[]): Json {
  return Object.fromEntries(names.filter((name) => record[name] !== undefined).map((name) => [name, record[name]]))
}

function flagsIn(words: unknown): { readonly flags?: readonly string[] } {
  return Array.isArray(words) && words.length > 0 ? { flags: words as readonly string[] } : {}
}

function sayTable(record: NftRecord): NftObject {
  return {
    table: { family: record.family, name: record.table, ...optional(record, 'handle', 'comment'), ...flagsIn(record.tableFlags) },
  } as NftObject
}

function sayChain(record: NftRecord): NftObject {
  const { family, table, chain, dev, devices } = record
  const devs = Array.isArray(devices) ? devices : dev === undefined ? [] : [dev]
  const base =
    record.hook === undefined
      ? {}
      : {
          ...optional(record, 'type', 'hook', 'prio', 'policy'),
          ...(devs.length > 0 && { dev: devs.length === 1 ? (devs[0] as unknown) : devs }),
        }
  return { chain: { family, table, name: chain, ...optional(record, 'handle', 'comment'), ...base } } as NftObject
}

function typeNames(types: SetShape['keys']): string | readonly string[] {
  const names = types.map((type) => type.name)
  return names.length === 1 ? (names[0] ?? '') : names
}

/** What a map's values are; undefined for a set. */
function valueNames({ data, object }: SetShape): string | undefined {
  return Array.isArray(data) ? data.map((type: DataType) => type.name).join(' . ') : ((data as 'verdict' | undefined) ?? object)
}

const millisecond = 1000
const shownFlags = ['constant', 'interval', 'timeout', 'dynamic']

function saySet(record: NftRecord, dump: Dump): NftObject {
  const { family, table, set: name } = record
  const shape = shapeOf(record)
  const flags = flagsOf(record).filter((flag) => shownFlags.includes(flag))
  const elements = dump.said.get(setKey(family, table, name)) ?? []
  const map = valueNames(shape)
  const says = {
    family,
    table,
    name,
    type: typeNames(shape.keys),
    ...optional(record, 'handle', 'comment'),
    ...(map !== undefined && { map }),
    // As nft has it, what is constant has neither.
    ...(!flags.includes('constant') && { ...(record.policy !== 'performance' && optional(record, 'policy')), ...optional(record, 'size') }),
    ...flagsIn(flags),
    ...(record.autoMerge === 1 && { 'auto-merge': true }),
    ...(record.timeout !== undefined && { timeout: Number(record.timeout) / millisecond }),
    ...(record.gcInterval !== undefined && { 'gc-interval': Number(record.gcInterval) / millisecond }),
    ...(elements.length > 0 && { elem: elements }),
    ...((record.expressions?.length ?? 0) > 0 && { stmt: record.expressions?.map((expression) => ({ [expression.name]: null })) }),
  }
  return (map === undefined ? { set: says } : { map: says }) as unknown as NftObject
}

function sayRule(record: NftRecord, dump: Dump, sets: ReadonlyMap<string, NftRecord>): NftObject {
  const { family, table, chain } = record
  const findSet = (name: string): ListedSet | undefined => {
    const set = sets.get(setKey(family, table, name))
    if (set === undefined) return undefined
    const shape = shapeOf(set)
    if (!isAnonymous(set)) return { shape }
    const elements = dump.elements.get(setKey(family, table, name)) ?? []
    return { shape, elements: (keys) => sayElements(readingOf(shape, dump.interfaces, keys), elements) }
  }
  const expr = readRule(record, { interfaces: dump.interfaces, findSet })
  return { rule: { family, table, chain, ...optional(record, 'handle', 'comment'), expr } } as unknown as NftObject
}

/** Says the objects of the dump, step by step. */
export function* sayRuleset(dump: Dump, { set, chain }: Selection): Generator<undefined, readonly NftObject[]> {
  const sets = new Map(dump.sets.map((record) => [setKey(record.family, record.table, record.set), record]))
  const objects: NftObject[] = []
  for (const table of dump.tables) {
    const chains = dump.chains.filter(isIn(table)).filter((record) => chain === undefined || record.chain === chain)
    const shownSets = dump.sets.filter(isIn(table)).filter((record) => !isAnonymous(record) && (set === undefined || record.set === set))
    const rules = dump.rules.filter(isIn(table))
    if (set === undefined && chain === undefined) objects.push(sayTable(table))
    if (chain === undefined) for (const record of shownSets) objects.push(saySet(record, dump))
    if (set !== undefined) continue
    for (const each of chains) objects.push(sayChain(each))
    for (const each of chains) {
      for (const rule of rules.filter((candidate) => candidate.chain === each.chain)) {
        objects.push(sayRule(rule, dump, sets))
        yield
      }
    }
  }
  return objects
}

/** True if names of interfaces are needed to say these. */
export function usesInterfaces({ sets, rules }: Pick<Dump, 'sets' | 'rules'>): boolean {
  const inSets = sets.some((record) => hasInterfaces(shapeOf(record)))
  return (
    inSets ||
    rules.some((rule) => rule.expressions?.some(({ key, result }) => key === 'iif' || key === 'oif' || key === 'sdif' || result === 'oif'))
  )
}
