/** What the nftables part of the addon takes and gives: messages, records, expressions, elements in columns. */

/** A message of nftables, by its kernel name. */
export type NftMessageName =
  `NFT_MSG_${'NEW' | 'GET' | 'DEL' | 'DESTROY'}${'TABLE' | 'CHAIN' | 'RULE' | 'SET' | 'SETELEM'}` | 'NFT_MSG_NEWGEN' | 'NFT_MSG_GETGEN'

/** The number of one of nftables' sixteen registers of 32 bits, or the register of verdicts. */
export type Slot = number | 'verdict'

/** One expression of a rule; its fields are those of the expression's table in native/nft-expression.cc. */
export interface ExpressionRecord {
  readonly name: string
  readonly [field: string]: unknown
}

/** A table, chain, rule or set; its fields are those of the tables in native/nft-object.cc and nft-rule.cc. */
export interface NftRecord {
  readonly family: string
  readonly flags?: readonly ('create' | 'excl' | 'append' | 'replace' | 'dump' | 'ack' | 'nonrec')[]
  readonly table?: string
  readonly chain?: string
  readonly set?: string
  readonly setId?: number
  readonly handle?: number | bigint
  readonly expressions?: readonly ExpressionRecord[]
  readonly [field: string]: unknown
}

/** What few elements have; the columns hold what all of them have. */
export interface ElementDetails {
  /** `'catchall'`: the element for all other keys, whose columns mean nothing. */
  readonly flags?: readonly string[]
  readonly verdict?: string
  readonly chain?: string
  /** Milliseconds. */
  readonly timeout?: number | bigint
  /** Milliseconds left. */
  readonly expires?: number | bigint
  /** The object that a map of objects has for the key. */
  readonly object?: string
  readonly comment?: string
  /** `'open'`: an interval without end. */
  readonly interval?: string | number
  readonly expressions?: readonly ExpressionRecord[]
}

/** Elements of a set: row `i` of each column begins at `i` times its width. */
export interface ElementColumns {
  readonly count: number
  readonly keyLength: number
  readonly keys: Uint8Array
  /** Upper ends of ranges of concatenated keys; the key itself where there is no range. */
  readonly keyEnds?: Uint8Array
  readonly dataLength?: number
  /** Values of a map that is none of verdicts. */
  readonly data?: Uint8Array
  /** 1 where the key is not an element but the first one after an interval. */
  readonly ends?: Uint8Array
  readonly details?: readonly (ElementDetails | undefined)[]
}

/** What came in a message; `message` tells what it is. */
export type DecodedNft = NftRecord & Partial<ElementColumns> & { readonly message: NftMessageName }

/** The words for values of data types, with their numbers: `{ ct_state: { invalid: 1, … }, … }`. */
export type NftSymbols = Readonly<Record<string, Readonly<Record<string, number>>>>

/** The nftables part of the addon. All of it is pure. */
export interface NftNative {
  encodeNft(message: NftMessageName, record: NftRecord): Uint8Array
  /** As many messages as the elements need. */
  encodeNftElements(message: NftMessageName, record: NftRecord & ElementColumns): Uint8Array[]
  decodeNft(bytes: Uint8Array): DecodedNft[]
  encodeNftBatchBegin(generation?: number): Uint8Array
  encodeNftBatchEnd(): Uint8Array
  nftSymbols(): NftSymbols
}
