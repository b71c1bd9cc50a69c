/** Commands: which there are, what each does to which object, and what it is called in errors. */
import { invalidArgType, invalidArgValue } from '../validate.js'
import { asName, asObject, asWord, isObject, onlyMember, type Json } from './json.js'
import type { NftMessageName } from './records.js'
import type { NftFamily } from './types.js'

/** What a command does. `restore` is an object that stands alone, as {@link Nft.list} gives them. */
export type Verb = 'restore' | 'add' | 'create' | 'insert' | 'replace' | 'delete' | 'destroy' | 'flush'
/** What it does it to. */
export type Kind = 'table' | 'chain' | 'rule' | 'set' | 'map' | 'element' | 'ruleset'

/** A command whose object has not been looked at but for its family. */
export interface Command {
  readonly verb: Verb
  readonly kind: Kind
  readonly body: Json
  /** Place of the object, as `'nftables[3].add.rule'`. */
  readonly at: string
}

const verbs: readonly Verb[] = ['add', 'create', 'insert', 'replace', 'delete', 'destroy', 'flush']
const kinds: readonly Kind[] = ['table', 'chain', 'rule', 'set', 'map', 'element']

/** The objects that each verb knows. */
const objects: Readonly<Record<Verb, readonly Kind[]>> = {
  restore: kinds,
  add: kinds,
  create: kinds,
  insert: ['rule'],
  replace: ['rule'],
  delete: kinds,
  destroy: kinds,
  flush: ['table', 'chain', 'set', 'map', 'ruleset'],
}

export const families: readonly NftFamily[] = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev']

export function asFamily(value: unknown, at: string): NftFamily {
  return asWord(value, families, at)
}

/** The items of what {@link Nft.apply} was given: `{ nftables: [ … ] }` or the list itself. */
export function itemsOf(value: unknown): readonly unknown[] {
  const list: unknown = isObject(value) ? value.nftables : value
  if (!Array.isArray(list)) throw invalidArgType('nftables', 'an array of commands', list)
  return list
}

const anyCommand = `a command (${verbs.join(', ')}) or an object (${kinds.join(', ')})`

/** Takes one of the items apart; undefined if it only tells of the ruleset. */
export function parseCommand(item: unknown, index: number): Command | undefined {
  const at = `nftables[${index}]`
  const [key, inner] = onlyMember(item, at, anyCommand)
  if (key === 'metainfo') return undefined
  const verb = verbs.find((each) => each === key)
  if (verb !== undefined) return parseObject(verb, inner, `${at}.${verb}`)
  if (!kinds.some((each) => each === key)) throw invalidArgValue(at, anyCommand, item)
  return parseObject('restore', item, at)
}

function anyObject(verb: Verb): string {
  return `one of ${objects[verb].map((kind) => `{ ${kind} }`).join(', ')}`
}

const anyObjects = Object.fromEntries(['restore' as const, ...verbs].map((verb) => [verb, anyObject(verb)])) as Record<Verb, string>

function parseObject(verb: Verb, value: unknown, at: string): Command {
  const expected = anyObjects[verb]
  const [key, inner] = onlyMember(value, at, expected)
  const kind = objects[verb].find((each) => each === key)
  if (kind === undefined) throw invalidArgValue(at, expected, value)
  const place = `${at}.${kind}`
  return { verb, kind, body: kind === 'ruleset' && inner === null ? {} : asObject(inner, place), at: place }
}

/** The kernel's message for a command. */
export function messageOf(verb: Verb, kind: Kind): NftMessageName {
  if (verb === 'flush')
    return kind === 'ruleset' ? 'NFT_MSG_DELTABLE' : kind === 'set' || kind === 'map' ? 'NFT_MSG_DELSETELEM' : 'NFT_MSG_DELRULE'
  const action = verb === 'delete' ? 'DEL' : verb === 'destroy' ? 'DESTROY' : 'NEW'
  const object = ({ table: 'TABLE', chain: 'CHAIN', rule: 'RULE', set: 'SET', map: 'SET', element: 'SETELEM', ruleset: 'TABLE' } as const)[
    kind
  ]
  return `NFT_MSG_${action}${object}`
}

/** What errors call the object: `'rule inet netprim forward'`, `'element tcp . 8080 of inet netprim publish'`. */
export function targetOf({ kind, body }: Command): string {
  const { family, table, chain, name } = body
  const words = (...parts: readonly unknown[]): string => parts.filter((part) => typeof part === 'string').join(' ')
  switch (kind) {
    case 'ruleset':
      return words('ruleset', family)
    case 'table':
      return words('table', family, name)
    case 'rule':
      return words('rule', family, table, chain)
    case 'element':
      return `${elementText(body.elem)} of ${words(family, table, name)}`
    case 'chain':
    case 'set':
    case 'map':
      return words(kind, family, table, name)
  }
}

function elementText(value: unknown): string {
  const [first, second] = Array.isArray(value) && !isKeyOfPair(value) ? (value as unknown[]) : [value]
  return second !== undefined || first === undefined ? 'elements' : `element ${valueText(first)}`
}

function isKeyOfPair(value: readonly unknown[]): boolean {
  return value.length === 2 && !Array.isArray(value[0]) && (isObject(value[1]) || isObject(value[0])) && !Array.isArray(value[1])
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return valueText(value[0])
  if (!isObject(value)) return String(value)
  if (isObject(value.elem)) return valueText(value.elem.val)
  if (Array.isArray(value.concat)) return value.concat.map(valueText).join(' . ')
  if (Array.isArray(value.range)) return value.range.map(valueText).join('-')
  return isObject(value.prefix) ? `${String(value.prefix.addr)}/${String(value.prefix.len)}` : '…'
}

/** What a set is found by: no name of the kernel's has a NUL in it. */
export function setKey(family: string | undefined, table: string | undefined, name: string | undefined): string {
  return [family, table, name].join('\0')
}

/** A named set that a command needs to be known. */
export interface SetReference {
  readonly family: NftFamily
  readonly table: string
  readonly name: string
}

/** What has to be known of the namespace before commands can be compiled. */
export class Needs {
  readonly #declared = new Set<string>()
  readonly #sets = new Map<string, SetReference>()
  #interfaces = false

  /** The sets that the commands use and do not declare themselves before. */
  get sets(): readonly SetReference[] {
    return [...this.#sets.values()]
  }

  /** Names of interfaces may have to be turned into their indexes. What elements are made of, the types of their sets say. */
  get interfaces(): boolean {
    return this.#interfaces
  }

  /** In the order of the commands. */
  take({ verb, kind, body, at }: Command): void {
    const names: string[] = []
    if (kind === 'element') names.push(asName(body.name, `${at}.name`))
    else {
      const { elem: _elements, ...declared } = body
      forEachText(kind === 'rule' ? body.expr : declared, (text) => {
        if (interfaceWords.includes(text)) this.#interfaces = true
        if (kind === 'rule' && text.startsWith('@')) names.push(text.slice(1))
      })
    }
    const declares = (kind === 'set' || kind === 'map') && (verb === 'restore' || verb === 'add' || verb === 'create')
    if (names.length === 0 && !declares) return
    const [family, table] = [asFamily(body.family, `${at}.family`), asName(body.table, `${at}.table`)]
    for (const name of names) {
      const key = setKey(family, table, name)
      if (!this.#declared.has(key)) this.#sets.set(key, { family, table, name })
    }
    if (declares && body.type !== undefined) this.#declared.add(setKey(family, table, asName(body.name, `${at}.name`)))
  }
}

const interfaceWords = ['iif', 'oif', 'sdif', 'iface_index']

function forEachText(value: unknown, visit: (text: string) => void): void {
  if (typeof value === 'string') visit(value)
  else if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) forEachText(each, visit)
}
