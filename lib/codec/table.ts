/** The addon's tables of the kernel's objects, made ready to be walked: each row knows how its value is written and read. */
import { native, type NativeRecord } from '../native.js'
import type { Recent } from './address-text.js'
import { forms, type Form } from './forms.js'
import type { AttributeSource, FieldSource, FormName, RowSource, TableSource } from './native-types.js'

/** Where a record's members go when it is taken apart: one slot for each name. */
type Slots = Map<string, number>

function slotOf(name: string, slots: Slots): number {
  const slot = slots.get(name) ?? slots.size
  slots.set(name, slot)
  return slot
}

/** A record's members by their slots; undefined where there is none. */
export type Values = unknown[]

/** What is known of a value that has a place in a message. */
class Row {
  readonly name: string
  readonly form: Form
  readonly read: boolean
  readonly write: boolean
  readonly words: Readonly<Record<string, number>>
  /** The words by their numbers. */
  readonly wordOf: ReadonlyMap<number, string>
  /** For `bit`. */
  readonly mask: number
  /** For flags: those that have words. */
  readonly known: number
  /** For flags: the words by the numbers that they make together. */
  readonly lists = new Map<number, readonly string[]>()
  /** For addresses. */
  readonly recent: Recent = { number: -1, text: '', prefix: '' }

  constructor(source: RowSource & { readonly mask?: number }) {
    this.name = source.name
    this.form = forms[source.form]
    this.read = source.read
    this.write = source.write
    this.words = source.words ?? {}
    this.wordOf = new Map(Object.entries(this.words).map(([word, number]) => [number, word]))
    this.mask = source.mask ?? 0
    this.known = Object.values(this.words).reduce((all, number) => all | number, 0)
  }
}

export type { Row }

/** A member of the structure in front of attributes. */
export class Field extends Row {
  readonly slot: number
  readonly offset: number
  readonly changeOffset: number | undefined
  readonly allOnesIsAbsent: boolean

  constructor(source: FieldSource, slots: Slots) {
    super(source)
    this.slot = slotOf(source.name, slots)
    this.offset = source.offset
    this.changeOffset = source.changeOffset
    this.allOnesIsAbsent = source.allOnesIsAbsent === true
  }
}

/** How an attribute encloses others: as members of the record itself, as a record of its own, or as several. */
type Nesting = 'none' | 'part' | 'userdata' | 'record' | 'records' | 'list' | 'only' | 'strings'

function nestingOf({ name, form }: AttributeSource): Nesting {
  if (form === 'nested' || form === 'structure') return name === '' ? 'part' : 'record'
  return form === 'userdata' || form === 'records' || form === 'list' || form === 'only' || form === 'strings' ? form : 'none'
}

/** Forms of attributes whose inside is attributes, and which say so by a bit of their type. */
const nests: ReadonlySet<FormName> = new Set<FormName>(['nested', 'value', 'records', 'list', 'only', 'strings', 'written'])

/** An attribute. */
export class Attribute extends Row {
  readonly slot: number
  readonly type: number
  /** The type as it is sent. */
  readonly sentType: number
  readonly nesting: Nesting
  /** What is inside are members of the enclosing record: it has no slot of its own. */
  readonly isPart: boolean
  /** The name of the member that says what is inside, and where it is. */
  readonly decider: string
  readonly deciderSlot: number
  readonly #inside: ReadonlyMap<unknown, TableSource>
  /** For parts: what may be inside, with its members among those of the enclosing record. */
  readonly #parts: ReadonlyMap<unknown, Table>
  /** What is inside where nothing decides; made ready at its first use, as {@link tableOf} says. */
  #any: Table | undefined

  constructor(source: AttributeSource, slots: Slots) {
    super(source)
    const { name, form, type, decider } = source
    this.type = type
    this.sentType = nests.has(form) ? type | native.framing.nested : type
    this.nesting = nestingOf(source)
    this.decider = decider
    this.#inside = new Map(Object.entries(source.inside))
    this.deciderSlot = this.#inside.size === 0 || this.#inside.has('') ? 0 : slotOf(decider, slots)
    this.isPart = this.nesting === 'part' || this.nesting === 'userdata'
    this.#parts = new Map(this.isPart ? [...this.#inside].map(([kind, inside]) => [kind, new Table(inside, slots)]) : [])
    this.slot = this.isPart ? -1 : slotOf(name, slots)
  }

  /** What is inside, where the record around it is of this kind; undefined if that is not known. */
  inside(kind: unknown): Table | undefined {
    return this.#any ?? this.#insideOf(kind)
  }

  #insideOf(kind: unknown): Table | undefined {
    const decides = this.#inside.has('') ? '' : kind
    const source = this.#inside.get(decides)
    const table = this.#parts.get(decides) ?? (source && tableOf(source))
    if (decides === '') this.#any = table
    return table
  }
}

/** A structure and the attributes behind it. */
export class Table {
  readonly headerSize: number
  readonly header: readonly Field[]
  readonly attributes: readonly Attribute[]
  /** The attributes by their types. */
  readonly byType: readonly (Attribute | undefined)[]
  readonly #slots: Slots
  readonly #spare: Values[] = []
  #names: readonly string[] | undefined
  #slotOf: Readonly<Record<string, number>> | undefined

  constructor({ headerSize, header, attributes }: TableSource, slots: Slots = new Map<string, number>()) {
    this.#slots = slots
    this.headerSize = headerSize
    this.header = header.map((field) => new Field(field, slots))
    this.attributes = attributes.map((attribute) => new Attribute(attribute, slots))
    const byType: (Attribute | undefined)[] = []
    for (const attribute of this.attributes) byType[attribute.type] = attribute
    this.byType = Array.from(byType)
  }

  /** The members' names, by their slots. */
  get names(): readonly string[] {
    return (this.#names ??= [...this.#slots.keys()])
  }

  /** The slots, by their members' names. */
  get slots(): Readonly<Record<string, number>> {
    return (this.#slotOf ??= Object.fromEntries(this.#slots))
  }

  /** Room for the members of one record, none of which is there. A veth's table is inside itself: each depth takes its own. */
  borrow(): Values {
    return this.#spare.pop() ?? new Array<unknown>(this.#slots.size).fill(undefined)
  }

  /** The members of a record by their slots. To ask a record for every name that there is would take several times as long. */
  valuesOf(record: NativeRecord): Values {
    const values = this.borrow()
    for (const name in record) {
      const slot = this.#slots.get(name)
      if (slot !== undefined) values[slot] = record[name]
    }
    return values
  }

  /** Nothing is among them any more. */
  giveBack(values: Values): void {
    this.#spare.push(values)
  }
}

const tables = new WeakMap<TableSource, Table>()

/** The table, made ready at its first use: a veth's is inside itself. */
export function tableOf(source: TableSource): Table {
  const known = tables.get(source)
  if (known !== undefined) return known
  const table = new Table(source)
  tables.set(source, table)
  return table
}
