/** From the bytes of messages to plain records, by way of a table. Nothing that bytes may say makes it fail. */
import { native, type NativeRecord } from '../native.js'
import type { Attribute, Table, Values } from './table.js'
import { littleEndian } from './writer.js'

type MutableRecord = Record<string, unknown>

/**
 * Begins the record of what was read, with what is to be told otherwise than the kernel tells it; whatever is left among the values
 * follows. A record that is changed afterwards, or copied without some of its members, takes several times as long.
 */
export type Begin<Name extends string = string> = (values: Values, slots: Readonly<Record<Name, number>>) => MutableRecord

/** Takes a value for the beginning of a record: it does not follow again. */
export function taken(values: Values, slot: number): unknown {
  const value = values[slot]
  values[slot] = undefined
  return value
}

const align = (length: number): number => (length + 3) & ~3

/** Calls visit for each whole message of the bytes, with the view, its type, and where its payload begins and ends. */
export function forEachMessage(bytes: Uint8Array, visit: (view: DataView, type: number, at: number, end: number) => void): void {
  const { messageHeader } = native.framing
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at + messageHeader <= view.byteLength;) {
    const length = view.getUint32(at, littleEndian)
    if (length < messageHeader || at + length > view.byteLength) return
    visit(view, view.getUint16(at + 4, littleEndian), at + messageHeader, at + length)
    at += align(length)
  }
}

/** The records of the messages of this type, frozen. */
export function decodeMessages(bytes: Uint8Array, wanted: number, table: Table, begin?: Begin): NativeRecord[] {
  const records: NativeRecord[] = []
  forEachMessage(bytes, (view, type, at, end) => {
    if (type === wanted) records.push(Object.freeze(recordOf(table, view, at, end, begin)))
  })
  return records
}

function recordOf(table: Table, view: DataView, at: number, end: number, begin?: Begin): MutableRecord {
  const values = table.borrow()
  takeTable(values, table, view, at, end)
  const record = begin === undefined ? {} : begin(values, table.slots)
  const { names } = table
  for (let slot = 0; slot < names.length; slot++) {
    const value = values[slot]
    if (value === undefined) continue
    record[names[slot] as string] = value
    values[slot] = undefined
  }
  table.giveBack(values)
  return record
}

/** What the table has of a record, all of it or a part. */
function takeTable(values: Values, table: Table, view: DataView, at: number, end: number): void {
  const { headerSize } = table
  if (end - at < headerSize) return
  for (const field of table.header) {
    if (!field.read) continue
    const value = field.form.take(view, at + field.offset, field.form.size, field)
    if (!field.allOnesIsAbsent || value !== 0xffff_ffff) values[field.slot] = value
  }
  // As forEachAttribute, without a function for each record.
  const { attributeHeader, typeMask } = native.framing
  for (let from = at + align(headerSize); from + attributeHeader <= end;) {
    const length = view.getUint16(from, littleEndian)
    if (length < attributeHeader || from + length > end) return
    const attribute = table.byType[view.getUint16(from + 2, littleEndian) & typeMask]
    if (attribute?.read === true) takeAttribute(values, attribute, view, from + attributeHeader, from + length)
    from += align(length)
  }
}

/** Calls visit for each whole attribute between the two places, with its type, and where its payload begins and ends. */
export function forEachAttribute(view: DataView, at: number, end: number, visit: (type: number, from: number, to: number) => void): void {
  const { attributeHeader, typeMask } = native.framing
  while (at + attributeHeader <= end) {
    const length = view.getUint16(at, littleEndian)
    if (length < attributeHeader || at + length > end) return
    visit(view.getUint16(at + 2, littleEndian) & typeMask, at + attributeHeader, at + length)
    at += align(length)
  }
}

function takeAttribute(values: Values, attribute: Attribute, view: DataView, from: number, to: number): void {
  if (attribute.nesting === 'none') {
    if (to - from >= attribute.form.size) values[attribute.slot] = attribute.form.take(view, from, to - from, attribute)
    return
  }
  const table = attribute.inside(values[attribute.deciderSlot])
  if (attribute.nesting === 'part') {
    if (table !== undefined) takeTable(values, table, view, from, to)
  } else if (attribute.nesting === 'userdata') {
    if (table !== undefined) takeUserdata(values, table, view, from, to)
  } else values[attribute.slot] = table === undefined ? {} : takeNest(attribute, table, view, from, to)
}

function takeNest(attribute: Attribute, table: Table, view: DataView, from: number, to: number): unknown {
  switch (attribute.nesting) {
    case 'records':
      return takeRecords(table, view, from, to)
    case 'list':
      return takeList(table, view, from, to)
    case 'only':
      return [recordOf(table, view, from, to)]
    case 'strings':
      return takeStrings(table, view, from, to)
    default:
      return recordOf(table, view, from, to)
  }
}

/** Types and lengths in eight bits each, with nothing between them. */
function takeUserdata(values: Values, table: Table, view: DataView, at: number, end: number): void {
  while (at + 2 <= end) {
    const attribute = table.byType[view.getUint8(at)]
    const length = view.getUint8(at + 1)
    const from = at + 2
    if (from + length > end) return
    if (attribute !== undefined && length >= attribute.form.size)
      values[attribute.slot] = attribute.form.take(view, from, length, attribute)
    at = from + length
  }
}

/** Structures that begin with their length, each with attributes of its own behind it. */
function takeRecords(table: Table, view: DataView, at: number, end: number): MutableRecord[] {
  const records: MutableRecord[] = []
  while (at + table.headerSize <= end) {
    const length = view.getUint16(at, littleEndian)
    if (length < table.headerSize || at + length > end) break
    records.push(recordOf(table, view, at, at + length))
    at += align(length)
  }
  return records
}

function takeList(table: Table, view: DataView, at: number, end: number): MutableRecord[] {
  const records: MutableRecord[] = []
  forEachAttribute(view, at, end, (_type, from, to) => records.push(recordOf(table, view, from, to)))
  return records
}

function takeStrings(table: Table, view: DataView, at: number, end: number): unknown[] {
  const list: unknown[] = []
  forEachAttribute(view, at, end, (type, from, to) => {
    const inner = table.byType[type]
    if (inner !== undefined) list.push(inner.form.take(view, from, to - from, inner))
  })
  return list
}
