/** From the bytes of messages to plain records, by way of a table. Nothing that bytes may say makes it fail. */
import { native, type NativeRecord } from '../native.js'
import type { Attribute, Table } from './table.js'
import { littleEndian } from './writer.js'

type MutableRecord = Record<string, unknown>

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

/** The records of the messages of this type. */
export function decodeMessages(bytes: Uint8Array, wanted: number, table: Table): NativeRecord[] {
  const records: NativeRecord[] = []
  forEachMessage(bytes, (view, type, at, end) => {
    if (type !== wanted) return
    const record: MutableRecord = {}
    takeTable(record, table, view, at, end)
    records.push(record)
  })
  return records
}

function takeTable(record: MutableRecord, table: Table, view: DataView, at: number, end: number): void {
  const { headerSize } = table
  if (end - at < headerSize) return
  for (const field of table.header) {
    if (!field.read) continue
    const value = field.form.take(view, at + field.offset, field.form.size, field)
    if (!field.allOnesIsAbsent || value !== 0xffff_ffff) record[field.name] = value
  }
  forEachAttribute(view, at + align(headerSize), end, (type, from, to) => {
    const attribute = table.byType[type]
    if (attribute?.read === true) takeAttribute(record, attribute, view, from, to)
  })
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

function takeAttribute(record: MutableRecord, attribute: Attribute, view: DataView, from: number, to: number): void {
  switch (attribute.nesting) {
    case 'none': {
      if (to - from >= attribute.form.size) record[attribute.name] = attribute.form.take(view, from, to - from, attribute)
      return
    }
    case 'part': {
      if (attribute.part !== undefined) takeTable(record, attribute.part, view, from, to)
      return
    }
    case 'record': {
      const table = attribute.inside(record['kind'])
      const inner: MutableRecord = {}
      if (table !== undefined) takeTable(inner, table, view, from, to)
      record[attribute.name] = inner
      return
    }
    case 'records': {
      record[attribute.name] = takeRecords(attribute, view, from, to)
      return
    }
    case 'strings': {
      record[attribute.name] = takeStrings(attribute, view, from, to)
      return
    }
  }
}

/** Structures that begin with their length, each with attributes of its own behind it. */
function takeRecords(attribute: Attribute, view: DataView, at: number, end: number): MutableRecord[] {
  const records: MutableRecord[] = []
  const table = attribute.inside('')
  while (table !== undefined && at + table.headerSize <= end) {
    const length = view.getUint16(at, littleEndian)
    if (length < table.headerSize || at + length > end) break
    const record: MutableRecord = {}
    takeTable(record, table, view, at, at + length)
    records.push(record)
    at += align(length)
  }
  return records
}

function takeStrings(attribute: Attribute, view: DataView, at: number, end: number): unknown[] {
  const list: unknown[] = []
  const table = attribute.inside('')
  forEachAttribute(view, at, end, (type, from, to) => {
    const inner = table?.byType[type]
    if (inner !== undefined) list.push(inner.form.take(view, from, to - from, inner))
  })
  return list
}
