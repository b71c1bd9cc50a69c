/** Records of nftables' messages: objects, expressions, elements. What each carries is said by the tables of native/nft-*.cc. */

/** A message of nftables, by its kernel name. */
export type NftMessageName =
  `NFT_MSG_${'NEW' | 'GET' | 'DEL' | 'DESTROY'}${'TABLE' | 'CHAIN' | 'RULE' | 'SET' | 'SETELEM'}` | 'NFT_MSG_GETGEN'

/** The number of one of nftables' sixteen registers of 32 bits, or the register of verdicts. */
export type Slot = number | 'verdict'

/** One expression of a rule. */
export interface ExpressionRecord {
  readonly name: string
  readonly [field: string]: unknown
}

/** A table, chain, rule or set. */
export interface NftRecord {
  readonly family: string
  readonly table?: string
  readonly chain?: string
  readonly set?: string
  readonly setId?: number
  readonly handle?: number | bigint
  readonly expressions?: readonly ExpressionRecord[]
  readonly [field: string]: unknown
}

/** An element of a set or map. */
export interface ElementRecord {
  /** `'end'`: no element, but the first key after an interval. `'catchall'`: the element for all other keys, which has no key. */
  readonly flags?: readonly string[]
  readonly key?: Uint8Array
  /** Upper ends of ranges of a concatenated key. */
  readonly keyEnd?: Uint8Array
  /** The value in a map that is none of verdicts. */
  readonly data?: Uint8Array
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

/** True for what is no element, but where an interval ends. */
export function isEnd({ flags }: ElementRecord): boolean {
  return flags?.includes('end') === true
}

/** Many elements that are nothing but keys, or keys and values: one behind the other, equally long. */
export interface PlainElements {
  readonly count: number
  /** Bytes. */
  readonly keyLength: number
  readonly keys: Uint8Array
  /** Bytes; 0 for a set. */
  readonly dataLength: number
  readonly data: Uint8Array
}
