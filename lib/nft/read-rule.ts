/** Rules: from the kernel's expressions back to statements, as `nft -j` says them. */
import { bytesOfNumber, equalBytes, isAll, maskLength, numberOfBytes, prefixMask } from './bytes.js'
import { sizeOf, type DataType, type Interfaces } from './datatypes.js'
import type { Protocol } from './fields.js'
import type { Json } from './json.js'
import type { ExpressionRecord, NftRecord } from './native-types.js'
import { contentOf, elementType, fieldBegunBy, fieldsIn, say, slotsOf, type Content, type Layers, type Said } from './read-registers.js'
import { sayStatement } from './read-statements.js'
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
const networkOfFamily: Readonly<Record<string, Protocol['network']>> = { ip: 'ipv4', ip6: 'ipv6' }
const networkOfWord: Readonly<Record<string, Protocol['network']>> = { ipv4: 'ipv4', ipv6: 'ipv6', ip: 'ipv4', ip6: 'ipv6' }

/** Reads the expressions of one rule. */
export class RuleReader {
  readonly #family: string
  readonly #sources: RuleSources
  readonly #registers = new Map<number, Content>()
  /** A match that only made sure of a protocol is taken out again, once a field of the protocol follows. */
  readonly #statements: (Json | undefined)[] = []
  #layers: Layers
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
        next.sreg === expression.sreg
      ) {
        this.#readRange('==', expression.sreg, expression.data, next.data)
        at++
      } else {
        this.#readExpression(expression)
      }
    }
    return this.#statements.filter((statement) => statement !== undefined)
  }

  #readExpression(expression: ExpressionRecord): void {
    const content = contentOf(expression)
    if (content !== undefined) {
      this.#registers.set(Number(expression.dreg), content)
      return
    }
    switch (expression.name) {
      case 'bitwise': {
        this.#readBitwise(expression)
        return
      }
      case 'byteorder': {
        this.#copy(expression)
        return
      }
      case 'cmp': {
        this.#readComparison(expression)
        return
      }
      case 'range': {
        this.#readRange(expression.op === 'neq' ? '!=' : '==', expression.sreg, expression.from, expression.to)
        return
      }
      case 'lookup': {
        this.#readLookup(expression)
        return
      }
      default:
        this.#statements.push(this.#readStatement(expression))
    }
  }

  #content(slot: unknown): Content {
    return this.#registers.get(Number(slot)) ?? { kind: 'value', data: new Uint8Array() }
  }

  /** Comparing turns integers round; their values are said as they were. */
  #copy({ sreg, dreg }: ExpressionRecord): void {
    this.#registers.set(Number(dreg), this.#content(sreg))
  }

  #readBitwise(expression: ExpressionRecord): void {
    const { mask, xor, sreg, dreg } = expression
    if (mask instanceof Uint8Array && xor instanceof Uint8Array)
      this.#registers.set(Number(dreg), { kind: 'masked', of: this.#content(sreg), mask, xor })
    else this.#copy(expression)
  }

  #say(content: Content): Said {
    const said = say(content, this.#layers, this.#sources.interfaces)
    if (said.protocol !== undefined) this.#imply(said.protocol)
    return said
  }

  /** A field of this protocol says what the matches before it were for. */
  #imply(protocol: Protocol): void {
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

  #readComparison({ op, sreg, data }: ExpressionRecord): void {
    if (!(data instanceof Uint8Array)) return
    const content = this.#content(sreg)
    const comparison = op as Comparison
    if (content.kind === 'masked' && this.#readMasked(content, comparison, data)) return
    if (content.kind === 'payload' && comparison === 'eq' && this.#readJoined(content, data)) return
    const begun = content.kind === 'payload' && this.#prefixField(content)
    const said = begun === undefined || begun === false ? this.#say(content) : begun
    if (data.length < sizeOf(said.type) && said.shift === undefined) {
      this.#readPrefix(said, operators[comparison], data)
      return
    }
    const isOrder = comparison !== 'eq' && comparison !== 'neq'
    const type = elementType(said, said.type)
    this.#match(operators[comparison], said.json, type.format(isOrder ? ordered(data, type) : data, this.#sources.interfaces))
    if (comparison === 'eq') this.#learn(said, data)
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

  #readRange(op: string, slot: unknown, from: unknown, to: unknown): void {
    if (!(from instanceof Uint8Array) || !(to instanceof Uint8Array)) return
    const said = this.#say(this.#content(slot))
    const type = elementType(said, said.type)
    const span = { from: ordered(from, type), to: ordered(to, type) }
    this.#match(op, said.json, {
      range: [type.format(span.from, this.#sources.interfaces), type.format(span.to, this.#sources.interfaces)],
    })
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
      this.#matches.network = at
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

  #readLookup({ set: name, sreg, dreg, flags }: ExpressionRecord): void {
    const set = this.#sources.findSet(String(name))
    const key = this.#sayKey(Number(sreg), set?.shape)
    const data = set?.elements === undefined ? `@${String(name)}` : { set: set.elements(key.types) }
    if (dreg === undefined) {
      this.#match((flags as readonly string[] | undefined)?.includes('inv') === true ? '!=' : '==', key.json, data)
      return
    }
    if (dreg === 'verdict') {
      this.#statements.push({ vmap: { key: key.json, data } })
      return
    }
    const types = set?.shape.data === undefined || set.shape.data === 'verdict' ? [] : set.shape.data
    this.#registers.set(Number(dreg), { kind: 'map', json: { key: key.json, data }, types })
  }

  #sayKey(slot: number, shape: SetShape | undefined): { readonly json: unknown; readonly types: readonly DataType[] } {
    const keys = shape?.keys ?? []
    if (keys.length < 2) {
      const said = this.#say(this.#content(slot))
      return { json: said.json, types: keys.map((type) => elementType(said, type)) }
    }
    let at = slot
    const concat = keys.map((type) => {
      const said = this.#say(this.#content(at))
      at += slotsOf(type)
      return said.json
    })
    return { json: { concat }, types: keys }
  }

  #readStatement(expression: ExpressionRecord): Json {
    return sayStatement(expression, {
      family: this.#family,
      interfaces: this.#sources.interfaces,
      implyNetwork: () => this.#implied('network'),
      implyTransport: () => this.#implied('transport'),
      find: (slot) => (slot === undefined ? undefined : this.#registers.get(Number(slot))),
      say: (content) => this.#say(content),
    })
  }
}

function isMeta(json: unknown): json is { readonly meta: { readonly key: string } } {
  return typeof json === 'object' && json !== null && 'meta' in json
}

/** Says a rule's statements. */
export function readRule(record: NftRecord, sources: RuleSources): readonly Json[] {
  return new RuleReader(record.family, sources).read(record.expressions ?? [])
}
