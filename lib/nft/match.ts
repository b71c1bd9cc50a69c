/** Matches: what a rule looks at, compared with values, ranges, bits or sets. */
import { invalidArgValue } from '../validate.js'
import { bytesOfNumber, numberOfBytes, prefixMask } from './bytes.js'
import type { RuleContext } from './compile-context.js'
import { findType, shiftedType, sizeOf, type DataType } from './datatypes.js'
import { asWord, isObject, listOf, objectOf } from './json.js'
import { bitwise, byteorder, loadOperand, parseOperand, type Operand } from './operand.js'
import { lengthOf, type SetShape } from './set-shape.js'
import { isSingle, ordered, parseSpan, type Span } from './span.js'
import type { NftOperator } from './types.js'

/** The kernel's comparisons, by the operators of JSON. */
const comparisons: Readonly<Partial<Record<NftOperator, string>>> = {
  '==': 'eq',
  '!=': 'neq',
  '<': 'lt',
  '>': 'gt',
  '<=': 'lte',
  '>=': 'gte',
}
const operators: readonly NftOperator[] = ['==', '!=', '<', '>', '<=', '>=', 'in', '!']

/** Compiles the inside of `{ match: … }`. */
export function compileMatch(value: unknown, at: string, context: RuleContext): void {
  const { op: operator, left, right } = objectOf(value, ['op', 'left', 'right'], at)
  const op = asWord(operator, operators, `${at}.op`)
  const operand = parseOperand(left, `${at}.left`, context)
  if (typeof right === 'string' && right.startsWith('@')) {
    matchSet(operand, op, context.findSet(right.slice(1), `${at}.right`), at, context)
    return
  }
  const only = onlyElement(operand, right)
  if (only === undefined && isObject(right) && 'set' in right) {
    matchAnonymous(operand, op, right, at, context)
    return
  }
  matchValue(operand, op, only ?? right, at, context)
}

/** The one element of an anonymous set, with which a field can be compared directly. */
function onlyElement(operand: Operand, right: unknown): unknown {
  if (!isObject(right) || !('set' in right) || operand.types.length > 1) return undefined
  const [element, ...others] = listOf(right.set)
  const isPlain = !isObject(element) || !('elem' in element)
  return others.length === 0 && isPlain && element !== '*' ? element : undefined
}

function matchValue(written: Operand, op: NftOperator, right: unknown, at: string, context: RuleContext): void {
  const operand = typeof right === 'boolean' && written.asPresence !== undefined ? written.asPresence() : written
  const [type] = operand.types
  if (type === undefined || operand.types.length > 1) throw invalidArgValue(`${at}.right`, 'a set, for several fields', right)
  const span = parseSpan(right, type, `${at}.right`, context.interfaces)
  if (!isSingle(span) && op !== '==' && op !== '!=') throw invalidArgValue(`${at}.op`, "'==' or '!=' for a range", op)
  if (op === '!' || (op === 'in' && type.isBitmask === true)) matchBits(operand, op, span.from, at, context)
  else if (!isSingle(span) && span.prefix !== undefined) matchPrefix(operand, op, { ...span, prefix: span.prefix }, type, at, context)
  else if (!isSingle(span)) matchRange(operand, op, span, type, at, context)
  else matchSingle(operand, op === 'in' ? '==' : op, span.from, type, at, context)
  if (op === '==' && isSingle(span)) learn(operand, type, span.from, context)
}

/** Protocols that are certain behind this match. */
function learn(operand: Operand, type: DataType, value: Uint8Array, context: RuleContext): void {
  if (operand.tells === 'network') context.knowNetwork(type.format(value, context.interfaces))
  if (operand.tells === 'transport') context.knowTransport(type.format(value, context.interfaces))
}

function matchBits(operand: Operand, op: 'in' | '!', bits: Uint8Array, at: string, context: RuleContext): void {
  loadOperand(operand, 0, `${at}.left`, context)
  const none = new Uint8Array(bits.length)
  context.emit(bitwise(0, bits, none), { name: 'cmp', op: op === 'in' ? 'neq' : 'eq', sreg: 0, data: none })
}

function matchSingle(operand: Operand, op: NftOperator, value: Uint8Array, type: DataType, at: string, context: RuleContext): void {
  loadOperand(operand, 0, `${at}.left`, context)
  const data = shifted(operand, value)
  const isOrder = op !== '==' && op !== '!='
  if (isOrder) makeComparable(type, context)
  context.emit({ name: 'cmp', op: comparisons[op], sreg: 0, data: isOrder ? ordered(data, type) : data })
}

/** The value where a field that does not end with a byte has it. */
function shifted(operand: Operand, value: Uint8Array): Uint8Array {
  if (operand.shift === undefined) return value
  const [loaded] = operand.load(0)
  return bytesOfNumber(numberOfBytes(value, 'network') << BigInt(operand.shift), Number(loaded?.len), 'network')
}

/** The kernel compares bytes from the first on, which for the machine's own integers may be the least. */
function makeComparable(type: DataType, context: RuleContext): void {
  const isTurned = ordered(Uint8Array.of(0, 1), type)[0] === 1
  if (isTurned && sizeOf(type) > 1) context.emit(byteorder(0, sizeOf(type)))
}

function matchRange(operand: Operand, op: NftOperator, span: Span, type: DataType, at: string, context: RuleContext): void {
  loadOperand(operand, 0, `${at}.left`, context)
  makeComparable(type, context)
  const from = ordered(shifted(operand, span.from), type)
  const to = ordered(shifted(operand, span.to), type)
  if (op === '!=') context.emit({ name: 'range', op: 'neq', sreg: 0, from, to })
  else context.emit({ name: 'cmp', op: 'gte', sreg: 0, data: from }, { name: 'cmp', op: 'lte', sreg: 0, data: to })
}

function matchPrefix(
  operand: Operand,
  op: NftOperator,
  span: Span & { readonly prefix: number },
  type: DataType,
  at: string,
  context: RuleContext,
): void {
  const { payload } = operand
  const bytes = span.prefix / 8
  const isWhole = Number.isInteger(bytes) && bytes > 0
  if (type.isText === true || (type.byteorder === 'network' && isWhole)) {
    // Of a prefix of whole bytes, no more is loaded or compared.
    loadOperand(operand, 0, `${at}.left`, context)
    const load = context.expressions[context.expressions.length - 1]
    if (payload !== undefined && load !== undefined) context.expressions[context.expressions.length - 1] = { ...load, len: bytes }
    context.emit({ name: 'cmp', op: comparisons[op], sreg: 0, data: span.from.slice(0, bytes) })
    return
  }
  loadOperand(operand, 0, `${at}.left`, context)
  const mask = ordered(prefixMask(span.prefix, span.from.length), type)
  context.emit(bitwise(0, mask, new Uint8Array(mask.length)), { name: 'cmp', op: comparisons[op], sreg: 0, data: span.from })
}

function matchAnonymous(
  operand: Operand,
  op: NftOperator,
  right: Readonly<Record<string, unknown>>,
  at: string,
  context: RuleContext,
): void {
  const elements = listOf(right.set)
  const shape = context.declareAnonymous(keysFor(operand, elements, `${at}.right.set`), elements, `${at}.right.set`)
  matchSet(operand, op, shape, at, context)
}

function matchSet(operand: Operand, op: NftOperator, shape: SetShape, at: string, context: RuleContext): void {
  if (op !== '==' && op !== '!=' && op !== 'in') throw invalidArgValue(`${at}.op`, "'==' or '!=' for a set", op)
  if (shape.data !== undefined) throw invalidArgValue(`${at}.right`, `a set, which ${shape.name} is not`, shape.name)
  loadKey(operand, shape, `${at}.left`, context)
  context.emit({ name: 'lookup', sreg: 0, ...setReference(shape), ...(op === '!=' && { flags: ['inv'] }) })
}

/** How a look-up names its set. */
export function setReference(shape: SetShape): { readonly set: string; readonly setId?: number } {
  return { set: shape.name, ...(shape.id !== undefined && { setId: shape.id }) }
}

/** Loads the key of a look-up. */
export function loadKey(operand: Operand, shape: SetShape, at: string, context: RuleContext): void {
  const isNamed = shape.keys.every((type) => type === findType(type.name))
  if (operand.shift !== undefined && isNamed) throw invalidArgValue(at, 'a field of whole bytes, for a named set', operand.types[0]?.name)
  if (operand.shift === undefined && lengthOf(operand.types) !== lengthOf(shape.keys)) {
    const names = (types: readonly DataType[]): string => types.map((type) => type.name).join(' . ')
    throw invalidArgValue(at, `${names(shape.keys)}, as the set ${shape.name}`, names(operand.types))
  }
  loadOperand(operand, 0, at, context)
  const [type] = shape.keys
  if (shape.interval && shape.keys.length === 1 && type !== undefined) makeComparable(type, context)
}

/** The shape of an anonymous set of such elements: of intervals as soon as one of them is a range. */
export function keysFor(
  operand: Operand,
  elements: readonly unknown[],
  at: string,
): { readonly keys: readonly DataType[]; readonly interval: boolean } {
  if (elements.length === 0) throw invalidArgValue(at, 'one element or more', elements)
  const { types, shift } = operand
  return { keys: shift === undefined ? types : types.map((type) => shiftedType(type, shift)), interval: elements.some(hasRange) }
}

function hasRange(element: unknown): boolean {
  if (typeof element === 'string') return element.length > 1 && element.endsWith('*')
  if (Array.isArray(element)) return hasRange(element[0])
  if (!isObject(element)) return false
  if ('elem' in element && isObject(element.elem)) return hasRange(element.elem.val)
  if ('concat' in element && Array.isArray(element.concat)) return element.concat.some(hasRange)
  return 'range' in element || 'prefix' in element
}
