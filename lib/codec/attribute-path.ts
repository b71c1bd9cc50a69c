/** The way back from a place in a refused message to the option that it was made from. */
import { native } from '../native.js'
import { forEachAttribute, forEachMessage } from './decode.js'
import { tableOf, type Attribute, type Table } from './table.js'

/** The members of records on the way to the attribute at this offset, as `'data.peer.mtu'`; empty if there is none. */
export function attributePath(message: Uint8Array, offset: number): string {
  let path = ''
  forEachMessage(message, (view, type, at, end) => {
    if (offset >= end) return
    const object = Object.values(native.objects).find(({ requests }) => Object.values(requests).some((request) => request.type === type))
    if (object === undefined) return
    path = pathInside(tableOf(object.table), view, at, end, offset)
  })
  return path
}

function nameOf(attribute: Attribute, table: Table | undefined): string {
  return attribute.name === '' ? (table?.header[0]?.name ?? '') : attribute.name
}

function pathInside(table: Table, view: DataView, at: number, end: number, offset: number): string {
  let path = ''
  const said: Record<string, unknown> = {}
  if (end - at < table.headerSize) return path
  forEachAttribute(view, at + table.headerSize, end, (type, from, to) => {
    const attribute = table.byType[type]
    if (attribute === undefined) return
    if (attribute.nesting === 'none' && to - from >= attribute.form.size)
      said[attribute.name] = attribute.form.take(view, from, to - from, attribute)
    const start = from - native.framing.attributeHeader
    if (offset < start || offset >= to) return
    const isOne = attribute.nesting === 'part' || attribute.nesting === 'record'
    const inside = isOne ? attribute.inside(said[attribute.decider]) : undefined
    const name = nameOf(attribute, inside)
    const rest = inside === undefined || offset === start ? '' : pathInside(inside, view, from, to, offset)
    path = rest === '' ? name : attribute.name === '' ? rest : `${name}.${rest}`
  })
  return path
}
