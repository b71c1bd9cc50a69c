/** Rules: from the kernel's expressions back to statements, as `nft -j` says them. */
import { bytesOfNumber, equalBytes, isAll, maskLength, numberOfBytes, prefixMask } from './bytes.js'
import { sizeOf, type DataType, type Interfaces } from './datatypes.js'
import type { Protocol } from './fields.js'
import type { Json } from './json.js'
import type { ExpressionRecord, NftRecord } from './records.js'
import { contentOf, elementType, fieldBegunBy, fieldsIn, say, slotsOf, type Content, type Layers, type Said } from './read-registers.js'
import { leavesRegisters, sayStatement } from './read-statements.js'
import type { SetShape } from './set-shape.js'
import { formatSpan, ordered } from './span.js'

/** A set or map as rules refer to it. */
export interface ListedSet {
  readonly shape: SetShape
  /** The elements of an anonymous set, said with these types for their keys; undefined for a named one. */
  readonly elements?: (keys: readonly DataType[]) => readonly unknown[]
}

/** What reading a rule takes beside the rule. */
export interface RuleSources {
  readonly interfaces: Interfaces
  readonly findSet: (name: string) => ListedSet | undefined
}

type Comparison = 'eq' | 'neq' | 'lt' | 'gt' | 'lte' | 'gte'
const operators: Readonly<Record<Comparison, string>> = { eq: '==', neq: '!=', lt: '<', gt: '>', lte: '<=', gte: '>=' }
const networkOfFamily: Readonly<Record<string, Protocol['network']>> = { ip: 'ipv4', ip6: 'ipv6', arp: 'arp' }
const networkOfWord: Readonly<Record<string, Protocol['network']>> = { ipv4: 'ipv4', ipv6: 'ipv6', ip: 'ipv4', ip6: 'ipv6', arp: 'arp' }

/** Reads the expressions of one rule. */
export class RuleReader {
  readonly #family: string
  readonly #sources: RuleSources
  readonly #registers = new Map<number, Content>()
  /** A match that only made sure of a protocol is taken out again, once a field of the protocol follows. */
  readonly #statements: (Json | undefined)[] = []
  #layers: Layers
  /** Fields of the Ethernet header so far. */
  #etherFields = 0
  /** Places of those matches. */
  readonly #matches: { link?: number | undefined; network?: number | undefined; transport?: number | undefined } = {}

  constructor(family: string, sources: RuleSources) {
    this.#family = family
    this.#sources = sources
    this.#layers = { isEthernet: family === 'bridge', network: networkOfFamily[family], transport: undefined }
  }

  read(expressions: readonly ExpressionRecord[]): readonly Json[] {
    for (let at = 0; at < expressions.length; at++) {
      const expression = expressions[at]
      const next = expressions[at + 1]
      if (expression === undefined) break
      if (
        expression.name === 'cmp' &&
        expression.op === 'gte' &&
        next?.name === 'cmp' &&
        next.op === 'lte' &&
        next.sreg === expression.sreg &&
        this.#readRange('==', expression.sreg, expression.data, next.data)
      ) {
        at++
      } else if (!this.#readExpression(expression)) {
        this.#giveUp(expression)
      }
    }
    return this.#statements.filter((statement) => statement !== undefined)
  }

  /** Lists the expression by its name, and forgets the registers that it may have written. */
  #giveUp({ name, dreg }: ExpressionRecord): void {
    this.#statements.push({ unknown: name })
    if (typeof dreg === 'number') this.#registers.delete(dreg)
    else if (dreg === undefined && !leavesRegisters(name)) this.#registers.clear()
  }

  /** False for what cannot be said. */
  #readExpression(expression: ExpressionRecord): boolean {
    switch (expression.name) {
      case 'bitwise':
        return this.#load(expression, this.#masked(expression))
      case 'byteorder':
        // Comparing turns integers round; their values are said as they were.
        return this.#load(expression, this.#content(expression.sreg))
      case 'cmp':
        return this.#readComparison(expression)
      case 'range':
        return this.#readRange(expression.op === 'neq' ? '!=' : '==', expression.sreg, expression.from, expression.to)
      case 'lookup':
        return this.#readLookup(expression)
      default:
        return typeof expression.dreg === 'number' ? this.#load(expression, contentOf(expression)) : this.#readStatement(expression)
    }
  }

  /** What the register holds; undefined if that cannot be said. */
  #content(slot: unknown): Content | undefined {
    return this.#registers.get(Number(slot))
  }

  /** What values of these types take the place of. */
  #forget(slot: number, types: readonly DataType[]): void {
    const end = types.reduce((sum, type) => sum + slotsOf(type), slot)
    for (let at = slot; at < end; at++) this.#registers.delete(at)
  }

  #load({ dreg }: ExpressionRecord, content: Content | undefined): boolean {
    if (content !== undefined) this.#registers.set(Number(dreg), content)
    return content !== undefined
  }

  #masked({ op, mask, xor, sreg }: ExpressionRecord): Content | undefined {
    const of = this.#content(sreg)
    return of !== undefined && op === 'bool' && mask instanceof Uint8Array && xor instanceof Uint8Array
      ? { kind: 'masked', of, mask, xor }
      : undefined
  }

  #say(content: Content): Said {
    const said = say(content, this.#layers, this.#sources.interfaces)
    if (said.protocol !== undefined) this.#imply(said.protocol)
    return said
  }

  /** Where the protocol is looked for when a rule with its fields is compiled: only such a match is implied by them. */
  #networkTest(network: Protocol['network']): string {
    if (this.#family === 'bridge') return network === 'arp' ? 'ether type' : 'protocol'
    if (this.#etherFields > 1) return 'ether type'
    return this.#family === 'inet' ? 'nfproto' : 'protocol'
  }

  /** A field of this protocol says what the matches before it were for. */
  #imply(protocol: Protocol): void {
    if (protocol.base === 'link') this.#etherFields++
    this.#implied('link', protocol.base === 'link')
    this.#implied('network', protocol.network !== undefined)
    this.#implied('transport', protocol.transport !== undefined)
  }

  #implied(layer: 'link' | 'network' | 'transport', isImplied = true): void {
    const at = this.#matches[layer]
    if (at === undefined || !isImplied) return
    this.#statements[at] = undefined
    this.#matches[layer] = undefined
  }

  #match(op: string, left: unknown, right: unknown): void {
    this.#statements.push({ match: { op, left, right } })
  }

  #readComparison({ op, sreg, data }: ExpressionRecord): boolean {
    const content = this.#content(sreg)
    if (content === undefined || !(data instanceof Uint8Array) || !Object.hasOwn(operators, String(op))) return false
    const comparison = op as Comparison
    if (content.kind === 'masked' && this.#readMasked(content, comparison, data)) return true
    if (content.kind === 'payload' && comparison === 'eq' && this.#readJoined(content, data)) return true
    const begun = content.kind === 'payload' && this.#prefixField(content)
    const said = begun === undefined || begun === false ? this.#say(content) : begun
    if (data.length < sizeOf(said.type) && said.shift === undefined) {
      this.#readPrefix(said, operators[comparison], data)
      return true
    }
    const isOrder = comparison !== 'eq' && comparison !== 'neq'
    const type = elementType(said, said.type)
    this.#match(operators[comparison], said.json, type.format(isOrder ? ordered(data, type) : data, this.#sources.interfaces))
    if (comparison === 'eq' && content.kind !== 'masked') this.#learn(said, data)
    return true
  }

  /** The field that these bytes begin, if they are no field themselves. */
  #prefixField(content: Content & { readonly kind: 'payload' }): Said | undefined {
    if (fieldsIn(content, this.#layers) !== undefined) return undefined
    const said = fieldBegunBy(content, this.#layers)
    if (said?.protocol !== undefined) this.#imply(said.protocol)
    return said
  }

  /** Only the first bytes are compared: a prefix, or a name that goes on. */
  #readPrefix(said: Said, op: string, data: Uint8Array): void {
    const size = sizeOf(said.type)
    const from = new Uint8Array(size)
    from.set(data)
    const to = new Uint8Array(size).fill(0xff)
    to.set(data)
    this.#match(op, said.json, formatSpan({ from, to }, said.type, this.#sources.interfaces))
  }

  /** Neighbouring fields that were compared at once. */
  #readJoined(content: Content & { readonly kind: 'payload' }, data: Uint8Array): boolean {
    const fields = fieldsIn(content, this.#layers)
    if (fields === undefined || fields.length < 2) return false
    let at = 0
    for (const field of fields) {
      if (field.protocol !== undefined) this.#imply(field.protocol)
      const value = data.subarray(at, at + field.size)
      this.#match('==', field.json, field.type.format(value, this.#sources.interfaces))
      this.#learn(field, value)
      at += field.size
    }
    return true
  }

  #readMasked(content: Content & { readonly kind: 'masked' }, comparison: Comparison, data: Uint8Array): boolean {
    if (!isAll(content.xor, 0)) return false
    const outer = say(content, this.#layers, this.#sources.interfaces)
    if (outer.shift !== undefined) {
      const value = bytesOfNumber(numberOfBytes(data, 'network') >> BigInt(outer.shift), sizeOf(outer.type), 'network')
      if (outer.protocol !== undefined) this.#imply(outer.protocol)
      this.#match(operators[comparison], outer.json, outer.type.format(value, this.#sources.interfaces))
      return true
    }
    const inner = this.#say(content.of)
    const { type } = inner
    if (type.isBitmask === true && isAll(data, 0) && (comparison === 'neq' || comparison === 'eq')) {
      this.#match(comparison === 'neq' ? 'in' : '!', inner.json, type.format(content.mask, this.#sources.interfaces))
      return true
    }
    const bits = type.hasPrefixes === true ? maskLength(ordered(content.mask, type)) : undefined
    if (bits === undefined || (comparison !== 'eq' && comparison !== 'neq')) return false
    const size = content.mask.length
    const prefix = { addr: type.format(data, this.#sources.interfaces), len: bits }
    const isExact = equalBytes(ordered(content.mask, type), prefixMask(8 * size, size))
    this.#match(operators[comparison], inner.json, isExact ? prefix.addr : { prefix })
    return true
  }

  #readRange(op: string, slot: unknown, from: unknown, to: unknown): boolean {
    const content = this.#content(slot)
    if (content === undefined || !(from instanceof Uint8Array) || !(to instanceof Uint8Array)) return false
    const said = this.#say(content)
    const type = elementType(said, said.type)
    const span = { from: ordered(from, type), to: ordered(to, type) }
    this.#match(op, said.json, {
      range: [type.format(span.from, this.#sources.interfaces), type.format(span.to, this.#sources.interfaces)],
    })
    return true
  }

  /** Remembers what the match just read says of protocols. */
  #learn(said: Said, value: Uint8Array): void {
    const word = String(said.type.format(value, this.#sources.interfaces))
    const at = this.#statements.length - 1
    const key = isMeta(said.json) ? said.json.meta.key : undefined
    const network = networkOfWord[word]
    const tellsNetwork = key === 'nfproto' || key === 'protocol' || said.type.name === 'ether_type'
    if (tellsNetwork && network !== undefined && this.#layers.network === undefined) {
      this.#layers = { ...this.#layers, network }
      if ((key ?? 'ether type') === this.#networkTest(network)) this.#matches.network = at
    }
    if (key === 'iiftype' && word === 'ether' && !this.#layers.isEthernet) {
      this.#layers = { ...this.#layers, isEthernet: true }
      this.#matches.link = at
    }
    const isField = key === undefined && said.type.name === 'inet_proto'
    if ((key === 'l4proto' || isField) && this.#layers.transport === undefined) {
      this.#layers = { ...this.#layers, transport: word }
      // `ip protocol` tells the network protocol too, where a table has both.
      if (!isField || networkOfFamily[this.#family] !== undefined) this.#matches.transport = at
    }
  }

  #readLookup(expression: ExpressionRecord): boolean {
    const { set: name, sreg, dreg, flags } = expression
    const set = this.#sources.findSet(String(name))
    const key = this.#sayKey(Number(sreg), set?.shape)
    if (key === undefined) return false
    const data = set?.elements === undefined ? `@${String(name)}` : { set: set.elements(key.types) }
    if (dreg === undefined) {
      this.#match((flags as readonly string[] | undefined)?.includes('inv') === true ? '!=' : '==', key.json, data)
      return true
    }
    if (dreg === 'verdict') {
      this.#statements.push({ vmap: { key: key.json, data } })
      return true
    }
    const types = set?.shape.data === undefined || set.shape.data === 'verdict' ? [] : set.shape.data
    this.#forget(Number(dreg), types)
    return this.#load(expression, { kind: 'map', json: { key: key.json, data }, types })
  }

  /** The key of a look-up; undefined if not all of its fields can be said. */
  #sayKey(slot: number, shape: SetShape | undefined): { readonly json: unknown; readonly types: readonly DataType[] } | undefined {
    const keys = shape?.keys ?? []
    let at = slot
    const contents = keys.map((type) => {
      const content = this.#content(at)
      at += slotsOf(type)
      return content
    })
    if (keys.length === 0 || !contents.every((content) => content !== undefined)) return undefined
    const said = contents.map((content) => this.#say(content))
    const [first] = said
    return said.length === 1 && first !== undefined
      ? { json: first.json, types: keys.map((type) => elementType(first, type)) }
      : { json: { concat: said.map(({ json }) => json) }, types: keys }
  }

  #readStatement(expression: ExpressionRecord): boolean {
    const statement = sayStatement(expression, {
      family: this.#family,
      interfaces: this.#sources.interfaces,
      network: this.#layers.network,
      transport: this.#layers.transport,
      implyNetwork: () => this.#implied('network'),
      implyTransport: () => this.#implied('transport'),
      find: (slot) => this.#content(slot),
      say: (content) => this.#say(content),
    })
    if (statement !== undefined) this.#statements.push(statement)
    return statement !== undefined
  }
}

function isMeta(json: unknown): json is { readonly meta: { readonly key: string } } {
  return typeof json === 'object' && json !== null && 'meta' in json
}

/** Says a rule's statements. */
export function readRule(record: NftRecord, sources: RuleSources): readonly Json[] {
  return new RuleReader(record.family, sources).read(record.expressions ?? [])
}
