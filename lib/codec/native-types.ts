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
  | 'be32s'
  | 'be64'
  | 'flag8'
  | 'flags8'
  | 'flags32'
  | 'flagsBe32'
  | 'slot'
  | 'oneLess8'
  | 'bit'
  | 'mac'
  | 'ip'
  | 'ip4'
  | 'ip6'
  | 'string'
  | 'bytes'
  | 'value'
  | 'nested'
  | 'structure'
  | 'userdata'
  | 'strings'
  | 'records'
  | 'list'
  | 'only'
  | 'written'

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

/** An attribute; what is inside a nest may depend on the record around it. */
export interface AttributeSource extends RowSource {
  readonly type: number
  /** The member of the record around it that says which of them is inside. */
  readonly decider: string
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
  /** The type of what is in a list of nftables. */
  readonly listElement: number
  /** The type of a value of nftables. */
  readonly dataValue: number
  /** The flags of messages, by their words. */
  readonly flags: Readonly<Record<'ack' | 'dump' | 'create' | 'excl' | 'append' | 'replace', number>>
}

/** The kinds of objects that have tables. */
export type ObjectName =
  | 'link'
  | 'address'
  | 'route'
  | 'neighbour'
  | 'conntrack'
  | 'nftTable'
  | 'nftChain'
  | 'nftRule'
  | 'nftSet'
  | 'nftElement'
  | 'nftGeneration'
  | 'nftBatch'

/** The words for values of nftables' data types, with their numbers: `{ ct_state: { invalid: 1, … }, … }`. */
export type NftSymbols = Readonly<Record<string, Readonly<Record<string, number>>>>

/** The part of the addon that knows the kernel's numbers. All of it is pure. */
export interface CodecNative {
  readonly objects: Readonly<Record<ObjectName, ObjectSource>>
  readonly framing: Framing
  readonly nftSymbols: NftSymbols
  ipBytes(text: string): Uint8Array
  ipText(bytes: Uint8Array): string
}
