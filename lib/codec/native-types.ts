/** The tables of the kernel's objects as the addon gives them; native/table.h says what each member means. */

/** How a value is written. */
export type FormName =
  | 'u8'
  | 'u16'
  | 'u32'
  | 's32'
  | 'u64'
  | 'be16'
  | 'be32'
  | 'flag8'
  | 'flags8'
  | 'flags32'
  | 'oneLess8'
  | 'bit'
  | 'mac'
  | 'ip'
  | 'ip4'
  | 'ip6'
  | 'string'
  | 'nested'
  | 'structure'
  | 'strings'
  | 'records'

/** What has a place in a message. */
export interface RowSource {
  readonly name: string
  readonly form: FormName
  readonly read: boolean
  readonly write: boolean
  readonly words?: Readonly<Record<string, number>>
}

/** A member of the structure. */
export interface FieldSource extends RowSource {
  readonly offset: number
  readonly mask?: number
  readonly changeOffset?: number
  readonly allOnesIsAbsent?: boolean
}

/** An attribute; what is inside a nest may depend on the kind of the record around it. */
export interface AttributeSource extends RowSource {
  readonly type: number
  readonly inside: Readonly<Record<string, TableSource>>
}

/** A structure and the attributes behind it. */
export interface TableSource {
  readonly headerSize: number
  readonly header: readonly FieldSource[]
  readonly attributes: readonly AttributeSource[]
}

/** What netprim and the kernel say to one another of one kind of object. */
export interface ObjectSource {
  readonly table: TableSource
  readonly requests: Readonly<Record<string, { readonly type: number; readonly flags: number }>>
  /** The message type in which the kernel tells of one. */
  readonly told: number
}

/** How messages and attributes are laid out. */
interface Framing {
  /** Bytes. */
  readonly messageHeader: number
  /** Bytes. */
  readonly attributeHeader: number
  /** The bit of an attribute's type that says that it is a nest. */
  readonly nested: number
  /** The bits of an attribute's type that are its number. */
  readonly typeMask: number
  /** The flag of a message that is to be acknowledged. */
  readonly acknowledge: number
}

/** The part of the addon that knows the kernel's numbers. All of it is pure. */
export interface CodecNative {
  readonly objects: Readonly<Record<'link' | 'address' | 'route' | 'neighbour' | 'conntrack', ObjectSource>>
  readonly framing: Framing
  ipBytes(text: string): Uint8Array
  ipText(bytes: Uint8Array): string
}
