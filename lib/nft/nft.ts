/** nftables of one network namespace: transactions in, the ruleset out, in the language of libnftables-json(5). */
import { NetprimError, isRefusal, errnoOf } from '../errors.js'
import { checkOptions, invalidArgValue, oneOf, text, u32, type Checks } from '../validate.js'
import { Batch } from './batch.js'
import { giveWay, inTurns, isTurnDue } from '../turns.js'
import { Needs, asFamily, families, itemsOf, parseCommand, setKey, type Command, type SetReference } from './commands.js'
import type { Interfaces } from './datatypes.js'
import { readDump } from './dump.js'
import { compileElements } from './elements.js'
import { asName, objectOf } from './json.js'
import { encodeElements } from './element-messages.js'
import { decodeElements, decodeGeneration, decodeSets, encodeBatchBegin, encodeBatchEnd, encodeNft } from './messages.js'
import type { NftRecord } from './records.js'
import { sayOneElement } from './read-elements.js'
import { sayRuleset } from './read-ruleset.js'
import { knownShapes, type NftKnownSet } from './set-declaration.js'
import { hasInterfaces, shapeOf, type SetShape } from './set-shape.js'
import type { NftTransport } from './transport.js'
import type { NftCommand, NftElements, NftFamily, NftObject, NftRuleset, NftSetElement } from './types.js'

/** Options of {@link Nft.apply}. */
export interface NftApplyOptions {
  /** The transaction is refused with `ERESTART` unless the ruleset still has this generation ({@link Nft.generation}). */
  readonly generation?: number
  /**
   * Sets and maps that are there and that the commands use, as they were declared or as {@link Nft.list} gives them: of others the kernel
   * is asked for their types first. The same array given again is not looked through again.
   */
  readonly sets?: readonly NftKnownSet[]
}

/** Which part of the ruleset {@link Nft.list} gives. */
export interface NftListOptions {
  /** Of this family. */
  readonly family?: NftFamily
  /** Of the tables of this name. */
  readonly table?: string
  /** One set alone, with its elements; the rest is not read. Needs `family` and `table`. */
  readonly set?: string
  /** The same for a map. */
  readonly map?: string
  /** One chain alone, with its rules. Needs `family` and `table`. */
  readonly chain?: string
}

const noInterfaces: Interfaces = new Map()

const ignore = (): void => undefined

function isOfInterfaces(shape: SetShape | undefined): boolean {
  return shape !== undefined && hasInterfaces(shape)
}

const name = text(255)
const listOptions = { family: oneOf(...families), table: name, set: name, map: name, chain: name }
/** The sets are looked through when their shapes are. */
const getElementOptions: Checks = { sets: () => undefined }
const applyOptions: Checks = { ...getElementOptions, generation: u32 }

/** nftables of one network namespace. */
export class Nft {
  readonly #transport: NftTransport
  /** The last transaction that was asked for has been compiled. */
  #compiled: Promise<void> | undefined

  /** @internal */
  constructor(transport: NftTransport) {
    this.#transport = transport
  }

  /**
   * Carries out commands as one transaction: all of them, or none.
   *
   * The language is libnftables-json(5). An object without a command is added, so that what {@link list} gives can be applied again.
   *
   * @throws TypeError or RangeError, naming the place as `'nftables[3].add.rule.expr[0]'`, before anything is sent.
   * @throws {@link NetprimError} for the command that the kernel refused; its `attribute` is the command's place.
   */
  async apply(commands: NftRuleset | readonly NftCommand[], options: NftApplyOptions = {}): Promise<void> {
    const items = itemsOf(commands)
    checkOptions(options, applyOptions)
    const compiling = this.#compile(items, knownShapes(options.sets), this.#compiled)
    // The next is sent after this one, though it may be compiled sooner.
    this.#compiled = compiling.then(ignore, ignore)
    await this.#transport.usedBy(this.#sendWhenCompiled(compiling, options.generation))
  }

  async #compile(items: readonly unknown[], known: ReadonlyMap<string, SetShape>, before: Promise<void> | undefined): Promise<Batch> {
    const commands: Command[] = []
    const needs = new Needs()
    for (const [index, item] of items.entries()) {
      if (isTurnDue()) await giveWay()
      const command = parseCommand(item, index)
      if (command === undefined) continue
      commands.push(command)
      needs.take(command)
    }
    const unknown = needs.sets.filter(({ family, table, name }) => !known.has(setKey(family, table, name)))
    // The set may be one that the transaction before makes.
    if (unknown.length > 0) await before
    const sets = unknown.length === 0 ? known : new Map([...known, ...(await this.#shapes(unknown))])
    const needed = needs.interfaces || unknown.some(({ family, table, name }) => isOfInterfaces(sets.get(setKey(family, table, name))))
    const batch = new Batch(sets, needed ? await this.#transport.interfaces() : noInterfaces)
    await inTurns(batch.compile(commands))
    await before
    return batch
  }

  /**
   * Reads the ruleset, or a part of it, as `nft -j list` prints it, without its `metainfo`. All of it is of one generation.
   *
   * Beyond what `nft` 1.0.6 prints there are comments of tables and chains, and devices of chains. What netprim knows no
   * statement for is listed as `{ unknown: name }`.
   *
   * @throws {@link NetprimError} `ENOENT` if the table, set or chain asked for is not there; `EINTR` if the ruleset never held still.
   */
  async list(options: NftListOptions = {}): Promise<NftRuleset<NftObject>> {
    checkOptions(options, listOptions)
    const { family, table, chain } = options
    const part = options.set ?? options.map ?? chain
    if (part !== undefined && (family === undefined || table === undefined))
      throw invalidArgValue('options', "with 'family' and 'table', for one of their parts", options)
    return this.#transport.usedBy(this.#list(options))
  }

  async #list({ family, table, chain, ...options }: NftListOptions): Promise<NftRuleset<NftObject>> {
    const set = options.set ?? options.map
    const part = set ?? chain
    const dump = await readDump(this.#transport, { family, table, chain, set }, () => this.generation())
    const nftables = await inTurns(sayRuleset(dump, { set, chain }))
    if ((part !== undefined || table !== undefined) && nftables.length === 0) {
      const target = [family, table, part].filter((word) => word !== undefined).join(' ')
      throw new NetprimError({
        errno: errnoOf('ENOENT'),
        syscall: set === undefined ? (chain === undefined ? 'NFT_MSG_GETTABLE' : 'NFT_MSG_GETCHAIN') : 'NFT_MSG_GETSET',
        operation: 'nft.list',
        target,
      })
    }
    return { nftables }
  }

  /**
   * Looks one element up, without reading the rest of its set: `{ family, table, name, elem }` with the key alone as `elem`.
   *
   * @returns the element as {@link list} has it, in a set of intervals the interval that the key lies in; undefined if it is not there.
   * @param options - `sets` spares asking for the set's types first, as for {@link apply}
   * @throws {@link NetprimError} `ENOENT` if the set is not there; with `sets`, that cannot be told from an element that is not there
   */
  async getElement(element: NftElements, options: Pick<NftApplyOptions, 'sets'> = {}): Promise<NftSetElement | undefined> {
    const body = objectOf(element, ['family', 'table', 'name', 'elem'], 'element')
    const reference = {
      family: asFamily(body.family, 'element.family'),
      table: asName(body.table, 'element.table'),
      name: asName(body.name, 'element.name'),
    }
    checkOptions(options, getElementOptions)
    const known = knownShapes(options.sets).get(setKey(reference.family, reference.table, reference.name))
    return this.#transport.usedBy(this.#getElement(reference, body.elem, known))
  }

  async #getElement(reference: SetReference, key: unknown, known: SetShape | undefined): Promise<NftSetElement | undefined> {
    const shape = known ?? shapeOf((await this.#set(reference, 'nft.getElement')) ?? { family: reference.family })
    const interfaces = hasInterfaces(shape) ? await this.#transport.interfaces() : noInterfaces
    const elements = compileElements(shape, [key], 'element.elem', interfaces, { keysOnly: true, point: true })
    const { family, table } = reference
    const [message] = encodeElements('NFT_MSG_GETSETELEM', { family, table, set: reference.name }, elements, ['ack'])
    if (message === undefined) return undefined
    const target = `element of ${family} ${table} ${reference.name}`
    try {
      const replies = await this.#transport.request(message, { syscall: 'NFT_MSG_GETSETELEM', operation: 'nft.getElement', target })
      return sayOneElement(shape, decodeElements(replies), interfaces) as NftSetElement | undefined
    } catch (error) {
      if (isRefusal(error, 'ENOENT')) return undefined
      throw error
    }
  }

  /** The generation of the ruleset: a number that each transaction, whoever's, changes. */
  async generation(): Promise<number> {
    const purpose = { syscall: 'NFT_MSG_GETGEN', operation: 'nft.generation' }
    const replies = await this.#transport.request(encodeNft('NFT_MSG_GETGEN', { family: 'unspec' }, ['ack']), purpose)
    return Number(decodeGeneration(replies)[0]?.generation)
  }

  async #sendWhenCompiled(compiling: Promise<Batch>, generation: number | undefined): Promise<void> {
    const batch = await compiling
    if (batch.messages.length === 0) return
    const messages = [encodeBatchBegin(generation), ...batch.messages, encodeBatchEnd()]
    const { refusals } = await this.#transport.batch(messages, { syscall: 'NFNL_MSG_BATCH_BEGIN', operation: 'nft.apply' })
    const [first] = [...refusals].sort((a, b) => a.request - b.request)
    if (first === undefined) return
    throw new NetprimError({
      syscall: 'NFNL_MSG_BATCH_BEGIN',
      ...batch.originOf(first.request - 1),
      errno: first.errno,
      operation: 'nft.apply',
      detail: first.message,
    })
  }

  async #shapes(references: readonly SetReference[]): Promise<ReadonlyMap<string, SetShape>> {
    const records = await Promise.all(references.map((reference) => this.#set(reference, 'nft.apply')))
    return new Map(references.map(({ family, table, name }, index) => [setKey(family, table, name), shapeOf(records[index] ?? { family })]))
  }

  async #set({ family, table, name }: SetReference, operation: string): Promise<NftRecord | undefined> {
    const message = encodeNft('NFT_MSG_GETSET', { family, table, set: name }, ['ack'])
    const replies = await this.#transport.request(message, {
      syscall: 'NFT_MSG_GETSET',
      operation,
      target: `set ${family} ${table} ${name}`,
    })
    return decodeSets(replies)[0]
  }
}
