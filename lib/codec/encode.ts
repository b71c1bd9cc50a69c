/** From a plain record to the bytes of a message, by way of a table. An absent member is an absent attribute. */
import { native, type NativeRecord } from '../native.js'
import type { Attribute, Field, Table } from './table.js'
import { Writer } from './writer.js'

const writer = new Writer()
const { messageHeader, attributeHeader } = native.framing

/** The message of this type and with these flags; who sends it fills in the sequence number. */
export function encodeMessage(type: number, flags: number, table: Table, record: NativeRecord): Uint8Array {
  const start = writer.begin()
  writer.zeros(messageHeader)
  writer.u16At(start + 4, type)
  writer.u16At(start + 6, flags)
  putRecord(table, record)
  writer.u32At(start, writer.at - start)
  return writer.take()
}

function putRecord(table: Table, record: NativeRecord): void {
  table.withValues(record, (values) => {
    putTable(table, values)
  })
}

function putTable(table: Table, values: readonly unknown[]): void {
  if (table.headerSize > 0) putHeader(table, values)
  for (const attribute of table.attributes) {
    if (!attribute.write) continue
    if (attribute.part !== undefined) putPart(attribute, attribute.part, values)
    else {
      const value = values[attribute.slot]
      if (value !== undefined) putAttribute(attribute, value, table, values)
    }
  }
}

function putHeader(table: Table, values: readonly unknown[]): void {
  const start = writer.at
  writer.zeros(table.headerSize)
  const end = writer.at
  for (const field of table.header) if (field.write) putField(field, start, values[field.slot])
  writer.at = end
}

function putField(field: Field, start: number, value: unknown): void {
  writer.at = start + field.offset
  if (value === undefined) {
    if (field.allOnesIsAbsent) writer.u32(0xffff_ffff)
    return
  }
  if (field.mask === 0) {
    field.form.put(writer, value, field)
    return
  }
  if (value === true) writer.u32At(writer.at, writer.u32From(writer.at) | field.mask)
  if (field.changeOffset === undefined) return
  const change = start + field.changeOffset
  writer.u32At(change, writer.u32From(change) | field.mask)
}

/** A nest whose members are the enclosing record's own; left out if there are none. */
function putPart(attribute: Attribute, part: Table, values: readonly unknown[]): void {
  if (part.headerSize > 0 && part.header.every(({ slot }) => values[slot] === undefined)) return
  const start = writer.open(attribute.sentType)
  putTable(part, values)
  closeNest(start)
}

function putAttribute(attribute: Attribute, value: unknown, around: Table, values: readonly unknown[]): void {
  if (attribute.form.fits?.(value) === false) return
  if (attribute.nesting === 'record') {
    const table = attribute.inside(around.kindOf(values))
    if (table === undefined) return
    const start = writer.open(attribute.sentType)
    putRecord(table, value as NativeRecord)
    closeNest(start)
    return
  }
  const start = writer.open(attribute.sentType)
  if (attribute.nesting === 'records') putRecords(attribute, value as readonly NativeRecord[])
  else attribute.form.put(writer, value, attribute)
  writer.close(start)
}

/** Ends a nest; one that nothing was put into vanishes. */
function closeNest(start: number): void {
  if (writer.at === start + attributeHeader) writer.at = start
  else writer.close(start)
}

/** Structures that begin with their length, each with attributes of its own behind it. */
function putRecords(attribute: Attribute, records: readonly NativeRecord[]): void {
  const table = attribute.inside('')
  if (table === undefined) return
  for (const record of records) {
    const start = writer.at
    putRecord(table, record)
    writer.u16At(start, writer.at - start)
  }
}
