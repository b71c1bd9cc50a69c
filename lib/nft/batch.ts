/** One transaction: commands become messages, and each message remembers the command it was made from. */
import { invalidArgValue } from '../validate.js'
import type { DeclareAnonymous } from './compile-context.js'
import { asFamily, messageOf, setKey, targetOf, type Command, type Verb } from './commands.js'
import type { Interfaces } from './datatypes.js'
import { compileElements, parseCounter, piecesOf, type ElementOptions } from './elements.js'
import { asArray, asComment, asInteger, asMilliseconds, asName, asWord, listOf, objectOf, type Json } from './json.js'
import { encodeElements } from './element-messages.js'
import { encodeNft, type RequestFlag } from './messages.js'
import type { ExpressionRecord, NftMessageName, NftRecord } from './records.js'
import { parsePriority } from './priority.js'
import { declaredShape, flagsOf, setFlags } from './set-declaration.js'
import { hasRangedFields, shapeRecord, type SetShape } from './set-shape.js'
import { compileRule } from './statements.js'
import type { NftFamily } from './types.js'

/** What a message was made for. */
export interface Origin {
  readonly syscall: NftMessageName
  readonly target: string
  /** Place of the command. */
  readonly attribute: string
}

/** Where elements go, and what says so. */
interface ElementsOf {
  readonly command: Command
  readonly family: NftFamily
  readonly table: string
  readonly shape: SetShape
  /** Place of the elements in what the caller gave. */
  readonly at: string
}

const maxHandle = Number.MAX_SAFE_INTEGER
const creationFlags: Readonly<Partial<Record<Verb, readonly RequestFlag[]>>> = {
  restore: ['create'],
  add: ['create'],
  create: ['create', 'excl'],
  insert: ['create'],
  replace: ['replace'],
}
const tableFlags = ['dormant'] as const

/** A transaction in the making. */
export class Batch {
  readonly messages: Uint8Array[] = []
  readonly #origins: { readonly syscall: NftMessageName; readonly command: Command }[] = []
  readonly #sets: Map<string, SetShape>
  readonly #interfaces: Interfaces
  /** Elements of sets that {@link Nft.list} gave: their verdicts may go to chains that are listed after the sets. */
  #deferred: Generator<undefined, void>[] = []
  #lastSetId = 0

  /** `sets` are those that the kernel has, by {@link setKey}. */
  constructor(sets: ReadonlyMap<string, SetShape>, interfaces: Interfaces) {
    this.#sets = new Map(sets)
    this.#interfaces = interfaces
  }

  /** Makes the messages, step by step: a step is a command, or a piece of a long list of elements. */
  *compile(commands: readonly Command[]): Generator<undefined, void> {
    for (const command of commands) {
      if (command.verb !== 'restore') yield* this.#finish()
      yield* this.#add(command)
      yield
    }
    yield* this.#finish()
  }

  *#add(command: Command): Generator<undefined, void> {
    switch (command.kind) {
      case 'ruleset': {
        this.#addRuleset(command)
        return
      }
      case 'table': {
        this.#addTable(command)
        return
      }
      case 'chain': {
        this.#addChain(command)
        return
      }
      case 'rule': {
        this.#addRule(command)
        return
      }
      case 'set':
      case 'map': {
        yield* this.#addSet(command)
        return
      }
      case 'element': {
        yield* this.#addElements(command)
        return
      }
    }
  }

  /** What the message with this number was made for. */
  originOf(message: number): Origin | undefined {
    const origin = this.#origins[message]
    return origin && { syscall: origin.syscall, target: targetOf(origin.command), attribute: origin.command.at }
  }

  /** Adds what was put off until all objects are there. */
  *#finish(): Generator<undefined, void> {
    const deferred = this.#deferred
    this.#deferred = []
    for (const elements of deferred) yield* elements
  }

  #push(command: Command, record: NftRecord, flags = creationFlags[command.verb]): void {
    const message = messageOf(command.verb, command.kind)
    this.#append(command, message, [encodeNft(message, record, flags)])
  }

  #append(command: Command, syscall: NftMessageName, messages: readonly Uint8Array[]): void {
    for (const message of messages) {
      this.messages.push(message)
      this.#origins.push({ syscall, command })
    }
  }

  #addRuleset(command: Command): void {
    const { family } = objectOf(command.body, ['family'], command.at)
    this.#push(command, { family: family === undefined ? 'unspec' : asFamily(family, `${command.at}.family`) })
  }

  #addTable(command: Command): void {
    const { verb, at } = command
    const body = objectOf(command.body, ['family', 'name', 'handle', 'flags', 'comment'], at)
    const family = asFamily(body.family, `${at}.family`)
    const handle = removalHandle(verb, body, at)
    this.#push(command, {
      family,
      ...(handle === undefined ? { table: asName(body.name, `${at}.name`) } : handle),
      ...(isCreation(verb) && { tableFlags: flagsOf(body, tableFlags, at), ...commentOf(body, at) }),
    })
  }

  #addChain(command: Command): void {
    const { verb, at } = command
    const body = objectOf(command.body, ['family', 'table', 'name', 'handle', 'type', 'hook', 'prio', 'dev', 'policy', 'comment'], at)
    const family = asFamily(body.family, `${at}.family`)
    const table = asName(body.table, `${at}.table`)
    const handle = removalHandle(verb, body, at)
    this.#push(command, {
      family,
      table,
      ...(handle === undefined ? { chain: asName(body.name, `${at}.name`) } : handle),
      ...(isCreation(verb) && { ...baseChain(body, family, at), ...commentOf(body, at) }),
    })
  }

  #addRule(command: Command): void {
    const { verb, at } = command
    const body = objectOf(command.body, ['family', 'table', 'chain', 'expr', 'handle', 'comment'], at)
    const family = asFamily(body.family, `${at}.family`)
    const table = asName(body.table, `${at}.table`)
    const place = { family, table, chain: asName(body.chain, `${at}.chain`) }
    const handle =
      verb === 'restore' || (body.handle === undefined && verb !== 'replace' && !isRemoval(verb))
        ? undefined
        : asInteger(body.handle, 1, maxHandle, `${at}.handle`)
    if (isRemoval(verb)) {
      this.#push(command, { handle: handle ?? 0, ...place })
      return
    }
    const expressions = compileRule(body.expr, `${at}.expr`, {
      family,
      interfaces: this.#interfaces,
      declareAnonymous: this.#declareAnonymous(command, family, table),
      findSet: (name, where) => this.#findSet(family, table, name, where),
    })
    const position = handle !== undefined && (verb === 'replace' ? { handle } : { position: handle })
    this.#push(command, { expressions, ...place, ...position, ...commentOf(body, at) }, isCreation(verb) ? ['create', 'append'] : undefined)
  }

  *#addSet(command: Command): Generator<undefined, void> {
    const { verb, kind, at } = command
    const keys = [
      'family',
      'table',
      'name',
      'handle',
      'type',
      'policy',
      'flags',
      'elem',
      'timeout',
      'gc-interval',
      'size',
      'auto-merge',
      'comment',
      'stmt',
    ]
    const body = objectOf(command.body, kind === 'map' ? [...keys, 'map'] : keys, at)
    const family = asFamily(body.family, `${at}.family`)
    const table = asName(body.table, `${at}.table`)
    const handle = removalHandle(verb, body, at)
    if (handle !== undefined) {
      this.#push(command, { family, table, ...handle })
      return
    }
    const name = asName(body.name, `${at}.name`)
    if (verb === 'flush') {
      this.#append(command, 'NFT_MSG_DELSETELEM', [encodeNft('NFT_MSG_DELSETELEM', { family, table, set: name })])
      return
    }
    if (!isCreation(verb)) {
      this.#push(command, { family, table, set: name })
      return
    }
    const flags = flagsOf(body, setFlags, at)
    const shape: SetShape = { id: ++this.#lastSetId, ...declaredShape(kind === 'map' ? 'map' : 'set', body, at) }
    this.#push(command, { family, table, ...declaration(shape, flags), ...setOptions(body, at) })
    this.#sets.set(setKey(family, table, name), shape)
    if (body.elem === undefined) return
    const options = { fresh: true, merge: body['auto-merge'] === true }
    const elements = this.#pushPieces({ command, family, table, shape, at: `${at}.elem` }, body.elem, options)
    if (verb === 'restore') this.#deferred.push(elements)
    else yield* elements
  }

  *#addElements(command: Command): Generator<undefined, void> {
    const { at } = command
    const body = objectOf(command.body, ['family', 'table', 'name', 'elem'], at)
    const family = asFamily(body.family, `${at}.family`)
    const table = asName(body.table, `${at}.table`)
    const shape = this.#findSet(family, table, asName(body.name, `${at}.name`), `${at}.name`)
    yield* this.#pushPieces({ command, family, table, shape, at: `${at}.elem` }, body.elem, { keysOnly: isRemoval(command.verb) })
  }

  *#pushPieces(elements: ElementsOf, value: unknown, options: ElementOptions): Generator<undefined, void> {
    for (const piece of piecesOf(elements.shape, value)) {
      this.#pushElements(elements, piece.value, options, piece.first)
      yield
    }
  }

  #pushElements({ command, family, table, shape, at }: ElementsOf, value: unknown, options: ElementOptions, first = 0): void {
    const compiled = compileElements(shape, value, at, this.#interfaces, options, first)
    const message = messageOf(command.verb, 'element')
    const record = { family, table, set: shape.name, ...(shape.id !== undefined && { setId: shape.id }) }
    this.#append(command, message, encodeElements(message, record, compiled, creationFlags[command.verb]))
  }

  #declareAnonymous(command: Command, family: NftFamily, table: string): DeclareAnonymous {
    return (shape, elements, at) => {
      const anonymous: SetShape = { ...shape, name: shape.data === undefined ? '__set%d' : '__map%d', id: ++this.#lastSetId }
      const source: Command = { ...command, verb: 'add' }
      const declared = { family, table, ...declaration(anonymous, ['anonymous', 'constant']) }
      this.#append(source, 'NFT_MSG_NEWSET', [encodeNft('NFT_MSG_NEWSET', declared, ['create'])])
      this.#pushElements({ command: source, family, table, shape: anonymous, at }, elements, {
        fresh: true,
        merge: shape.data === undefined,
      })
      return anonymous
    }
  }

  #findSet(family: NftFamily, table: string, name: string, at: string): SetShape {
    const shape = this.#sets.get(setKey(family, table, name))
    if (shape === undefined) throw invalidArgValue(at, 'a set or map that is declared before', name)
    if (shape.object !== undefined)
      throw invalidArgValue(at, `a set or map that is none of objects (${shape.object}), which can only be listed`, name)
    return shape
  }
}

function isRemoval(verb: Verb): boolean {
  return verb === 'delete' || verb === 'destroy'
}

function isCreation(verb: Verb): boolean {
  return verb === 'restore' || verb === 'add' || verb === 'create'
}

/** What is removed may be named by its handle alone. */
function removalHandle(verb: Verb, body: Json, at: string): { readonly handle: number } | undefined {
  if (!isRemoval(verb) || body.name !== undefined || body.handle === undefined) return undefined
  return { handle: asInteger(body.handle, 1, maxHandle, `${at}.handle`) }
}

function commentOf(body: Json, at: string): { readonly comment?: string } {
  return body.comment === undefined ? {} : { comment: asComment(body.comment, `${at}.comment`) }
}

const hooks = ['prerouting', 'input', 'forward', 'output', 'postrouting', 'ingress', 'egress']

function baseChain(body: Json, family: NftFamily, at: string): Partial<NftRecord> {
  const { type, hook, prio, dev, policy } = body
  const policyField = policy === undefined ? {} : { policy: asWord(policy, ['accept', 'drop'], `${at}.policy`) }
  if (type === undefined && hook === undefined) return policyField
  const devices = dev === undefined ? [] : listOf(dev).map((name, index) => asName(name, `${at}.dev[${index}]`))
  return {
    type: asWord(type, ['filter', 'nat', 'route'], `${at}.type`),
    hook: asWord(hook, hooks, `${at}.hook`),
    prio: parsePriority(prio, family, `${at}.prio`),
    ...(devices.length === 1 && { dev: devices[0] }),
    ...(devices.length > 1 && { devices }),
    ...policyField,
  }
}

function declaration(shape: SetShape, flags: readonly string[]): Partial<NftRecord> {
  return {
    set: shape.name,
    ...(shape.id !== undefined && { setId: shape.id }),
    setFlags: [
      ...flags,
      ...(shape.interval && !flags.includes('interval') ? ['interval'] : []),
      ...(shape.data !== undefined ? ['map'] : []),
      ...(hasRangedFields(shape) ? ['concat'] : []),
    ],
    ...shapeRecord(shape),
  }
}

/** What each element of the set gets: only a counter, so far. */
function elementStatements(value: unknown, at: string): readonly ExpressionRecord[] {
  const statements = asArray(value, at)
  if (statements.length > 1) throw invalidArgValue(at, 'one statement at most', value)
  return statements.map((statement, index) => {
    const place = `${at}[${index}]`
    return { name: 'counter', ...parseCounter(objectOf(statement, ['counter'], place).counter, `${place}.counter`) }
  })
}

function setOptions(body: Json, at: string): Partial<NftRecord> {
  const { timeout, size, policy, 'gc-interval': interval, 'auto-merge': merge, stmt } = body
  return {
    ...(policy !== undefined && { policy: asWord(policy, ['performance', 'memory'], `${at}.policy`) }),
    ...(timeout !== undefined && { timeout: asMilliseconds(timeout, `${at}.timeout`) }),
    ...(interval !== undefined && { gcInterval: asMilliseconds(interval, `${at}.gc-interval`) }),
    ...(size !== undefined && { size: asInteger(size, 1, 0xffff_ffff, `${at}.size`) }),
    ...(merge === true && { autoMerge: 1 }),
    ...(stmt !== undefined && { expressions: elementStatements(stmt, `${at}.stmt`) }),
    ...commentOf(body, at),
  }
}
