/** From a plain record to the bytes of a message, by way of a table. An absent member is an absent attribute. */
import { native, type NativeRecord } from '../native.js'
import type { Attribute, Field, Table, Values } from './table.js'
import { Writer } from './writer.js'

const writer = new Writer()
const { messageHeader, attributeHeader, nested, listElement } = native.framing

/**
 * Puts among a record's values what the kernel is to be told otherwise than the record tells it: a second record of that would be put
 * together only to be taken apart again.
 */
export type Complete<Name extends string = string, Item = NativeRecord> = (
  values: Values,
  slots: Readonly<Record<Name, number>>,
  record: Item,
) => void

/** The message of this type and with these flags; who sends it fills in the sequence number. */
export function encodeMessage(type: number, flags: number, table: Table, record: NativeRecord): Uint8Array {
  writer.begin()
  putMessage(type, flags, table, record)
  return writer.take()
}

/** The same for each of the records, one behind the other: a Uint8Array for each would take a quarter of the time more. */
export function encodeMessages(
  type: number,
  flags: number,
  table: Table,
  records: readonly NativeRecord[],
  complete?: Complete,
): Uint8Array {
  writer.begin()
  for (const record of records) putMessage(type, flags, table, record, complete)
  return writer.take()
}

function putMessage(type: number, flags: number, table: Table, record: NativeRecord, complete?: Complete): void {
  const start = writer.at
  writer.zeros(messageHeader)
  writer.u16At(start + 4, type)
  writer.u16At(start + 6, flags)
  putRecord(table, record, complete)
  writer.u32At(start, writer.at - start)
}

/** An attribute alone that is a nest with this record inside. */
export function encodeNest(type: number, table: Table, record: NativeRecord): Uint8Array {
  writer.begin()
  putNested(type, table, record)
  return writer.take()
}

function putRecord(table: Table, record: NativeRecord, complete?: Complete): void {
  const values = table.valuesOf(record)
  complete?.(values, table.slots, record)
  putTable(table, values)
  values.fill(undefined)
  table.giveBack(values)
}

function putTable(table: Table, values: readonly unknown[]): void {
  if (table.headerSize > 0) putHeader(table, values)
  for (const attribute of table.attributes) {
    if (!attribute.write) continue
    if (attribute.isPart) putPart(attribute, values)
    else {
      const value = values[attribute.slot]
      if (value !== undefined) putAttribute(attribute, value, values)
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
function putPart(attribute: Attribute, values: readonly unknown[]): void {
  const part = attribute.inside(values[attribute.deciderSlot])
  if (part === undefined) return
  if (part.headerSize > 0 && part.header.every(({ slot }) => values[slot] === undefined)) return
  const start = writer.open(attribute.sentType)
  if (attribute.nesting === 'userdata') putUserdata(part, values)
  else putTable(part, values)
  closeNest(start)
}

/** Types and lengths in eight bits each, with nothing between them. */
function putUserdata(table: Table, values: readonly unknown[]): void {
  for (const attribute of table.attributes) {
    const value = values[attribute.slot]
    if (value === undefined) continue
    writer.u8(attribute.type)
    writer.u8(0)
    const start = writer.at
    attribute.form.put(writer, value, attribute)
    const length = writer.at - start
    if (length > 0xff) throw new RangeError(`user data over 255 bytes: ${attribute.name}`)
    writer.u8At(start - 1, length)
  }
}

function putAttribute(attribute: Attribute, value: unknown, values: readonly unknown[]): void {
  if (attribute.form.fits?.(value) === false) return
  if (attribute.nesting === 'none') {
    const start = writer.open(attribute.sentType)
    attribute.form.put(writer, value, attribute)
    writer.close(start)
    return
  }
  const table = attribute.inside(values[attribute.deciderSlot])
  if (table === undefined) return
  const start = writer.open(attribute.sentType)
  putNest(attribute, table, value)
  closeNest(start)
}

function putNest(attribute: Attribute, table: Table, value: unknown): void {
  switch (attribute.nesting) {
    case 'records':
      for (const record of value as readonly NativeRecord[]) putStructure(table, record)
      return
    case 'list':
      for (const record of value as readonly NativeRecord[]) putNested(listElement, table, record)
      return
    case 'only':
      for (const record of value as readonly NativeRecord[]) putRecord(table, record)
      return
    case 'strings':
      for (const text of value as readonly string[]) putText(table, text)
      return
    default:
      putRecord(table, value as NativeRecord)
  }
}

/** A structure that begins with its length, with attributes of its own behind it. */
function putStructure(table: Table, record: NativeRecord): void {
  const start = writer.at
  putRecord(table, record)
  writer.u16At(start, writer.at - start)
}

function putNested(type: number, table: Table, record: NativeRecord): void {
  const start = writer.open(type | nested)
  putRecord(table, record)
  writer.close(start)
}

function putText(table: Table, text: string): void {
  for (const attribute of table.attributes) putAttribute(attribute, text, [])
}

/** Ends a nest; one that nothing was put into vanishes. */
function closeNest(start: number): void {
  if (writer.at === start + attributeHeader) writer.at = start
  else writer.close(start)
}
