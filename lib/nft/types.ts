/** The language of nftables in JSON (libnftables-json(5)): what `nft -j` reads and prints, as types. */

/** A family of tables. */
export type NftFamily = 'ip' | 'ip6' | 'inet' | 'arp' | 'bridge' | 'netdev'

/** Compares in a match. `in` and `!` ask whether any, or none, of the bits are set. */
export type NftOperator = '==' | '!=' | '<' | '>' | '<=' | '>=' | 'in' | '!'

/** What a rule looks at, or a value: libnftables-json(5), EXPRESSIONS. A string `'@name'` is a named set or map. */
export type NftExpression =
  | string
  | number
  | bigint
  | boolean
  | readonly NftExpression[]
  | { readonly meta: { readonly key: string } }
  | { readonly ct: { readonly key: string; readonly dir?: 'original' | 'reply' } }
  | { readonly fib: { readonly result: 'oif' | 'oifname' | 'type'; readonly flags: NftFibFlag | readonly NftFibFlag[] } }
  | { readonly payload: { readonly protocol: string; readonly field: string } }
  /** Raw bits of a packet; `offset` and `len` in bits. */
  | { readonly payload: { readonly base: 'll' | 'nh' | 'th'; readonly offset: number; readonly len: number } }
  | { readonly prefix: { readonly addr: string | number; readonly len: number } }
  | { readonly range: readonly [NftExpression, NftExpression] }
  | { readonly concat: readonly NftExpression[] }
  | { readonly set: NftExpression | readonly NftSetElement[] }
  | { readonly map: NftMap }
  | { readonly elem: NftElement }
  | { readonly '&': readonly [NftExpression, NftExpression] }
  | { readonly '|': readonly [NftExpression, NftExpression] }
  | { readonly '^': readonly [NftExpression, NftExpression] }

/** What a `fib` look-up is made from. */
export type NftFibFlag = 'saddr' | 'daddr' | 'mark' | 'iif' | 'oif'

/** A look-up in a map: `'@name'`, or an anonymous one, `{ set: [[key, value], …] }`. */
export interface NftMap {
  readonly key: NftExpression
  readonly data: string | { readonly set: readonly NftSetElement[] }
}

/** A verdict. */
export type NftVerdict =
  | { readonly accept: null }
  | { readonly drop: null }
  | { readonly continue: null }
  | { readonly return: null }
  | { readonly jump: { readonly target: string } }
  | { readonly goto: { readonly target: string } }

/** An element with more than its value. */
export interface NftElement {
  readonly val: NftExpression
  /** Seconds it lives; the set has the flag `timeout`. */
  readonly timeout?: number
  /** Seconds left of them. */
  readonly expires?: number
  /** At most 127 bytes. */
  readonly comment?: string
  readonly counter?: NftCounter | null
}

/** An element of a set, or of a map: `[key, value]`. A key `'*'` stands for all that are not there. */
export type NftSetElement = NftExpression | readonly [NftExpression, NftExpression | NftVerdict]

/** A count; 64 bits each, a bigint where a number would lose digits. */
export interface NftCounter {
  readonly packets: number | bigint
  readonly bytes: number | bigint
}

/** How NAT chooses; one word, or several. */
export type NftNatFlag = 'random' | 'fully-random' | 'persistent'

/** Where NAT goes to. */
export interface NftNat {
  /** Of the address, in `inet` tables. */
  readonly family?: 'ip' | 'ip6'
  /** An address, a range or prefix of them, or a map that gives one, or one and a port. */
  readonly addr?: NftExpression
  /** A port, or a range of them. */
  readonly port?: NftExpression
  readonly flags?: NftNatFlag | readonly NftNatFlag[]
  /** `'concat'`: the map gives address and port. Read from the map itself; accepted as `nft` does. */
  readonly type_flags?: 'concat' | readonly 'concat'[]
}

/** What a rule does: libnftables-json(5), STATEMENTS. */
export type NftStatement =
  | NftVerdict
  | { readonly match: { readonly op: NftOperator; readonly left: NftExpression; readonly right: NftExpression } }
  | { readonly vmap: NftMap }
  | { readonly counter: NftCounter | null }
  | { readonly mangle: { readonly key: NftExpression; readonly value: NftExpression } }
  | { readonly masquerade: Pick<NftNat, 'port' | 'flags'> | null }
  | { readonly redirect: Pick<NftNat, 'port' | 'flags'> | null }
  | { readonly dnat: NftNat | null }
  | { readonly snat: NftNat | null }
  | { readonly log: NftLog | null }
  | { readonly limit: NftLimit }
  | { readonly reject: NftReject | null }
  | { readonly notrack: null }
  /** Only listed: an iptables match or target. */
  | { readonly xt: null }
  /** Only listed: an expression of the kernel's, by its name there, that netprim has no statement for. */
  | { readonly unknown: string }

/** A line in the kernel's log, or a packet for a group of readers. */
export interface NftLog {
  /** At most 127 bytes. */
  readonly prefix?: string
  readonly level?: string
  readonly group?: number
  readonly snaplen?: number
  readonly 'queue-threshold'?: number
}

/** So much per time. */
export interface NftLimit {
  readonly rate: number
  readonly per: 'second' | 'minute' | 'hour' | 'day' | 'week'
  readonly burst?: number
  /** Default `'packets'`. */
  readonly rate_unit?: 'packets' | 'bytes' | 'kbytes' | 'mbytes'
  readonly burst_unit?: 'bytes' | 'kbytes' | 'mbytes'
  /** What is over the limit matches. */
  readonly inv?: boolean
}

/** An answer that tells the sender. */
export interface NftReject {
  readonly type?: 'tcp reset' | 'icmp' | 'icmpv6' | 'icmpx'
  /** The code, as `'port-unreachable'`. */
  readonly expr?: string | number
}

/** A table. */
export interface NftTable {
  readonly family: NftFamily
  readonly name: string
  readonly handle?: number
  /** At most 127 bytes. `nft` 1.0.6 keeps it but leaves it out of its JSON. */
  readonly comment?: string
}

/** A chain; `type`, `hook` and `prio` make it a base chain. */
export interface NftChain {
  readonly family: NftFamily
  readonly table: string
  readonly name: string
  readonly handle?: number
  readonly type?: 'filter' | 'nat' | 'route'
  readonly hook?: 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting' | 'ingress' | 'egress'
  /** A number, or a name of nft(8): `raw`, `mangle`, `dstnat`, `filter`, `security`, `srcnat`, `out`. */
  readonly prio?: number | string
  /** Default `'accept'`. */
  readonly policy?: 'accept' | 'drop'
  /** The interface, or interfaces, of a `netdev` chain. */
  readonly dev?: string | readonly string[]
  /** At most 127 bytes. `nft` 1.0.6 keeps it but leaves it out of its JSON. */
  readonly comment?: string
}

/** A rule. */
export interface NftRule {
  readonly family: NftFamily
  readonly table: string
  readonly chain: string
  readonly expr?: readonly NftStatement[]
  /** The rule itself for `replace` and `delete`; for `add` and `insert` the one to stand behind, or before. */
  readonly handle?: number
  /** At most 127 bytes. */
  readonly comment?: string
}

/** A named set. */
export interface NftSet {
  readonly family: NftFamily
  readonly table: string
  readonly name: string
  readonly handle?: number
  /** Type of its elements, or of the fields of each. */
  readonly type?: string | readonly string[]
  readonly policy?: 'performance' | 'memory'
  readonly flags?: NftSetFlag | readonly NftSetFlag[]
  readonly elem?: NftSetElement | readonly NftSetElement[]
  /** Seconds that elements live by default. */
  readonly timeout?: number
  /** Seconds between collections of what has timed out. */
  readonly 'gc-interval'?: number
  /** Most elements it may have. */
  readonly size?: number
  /** What each element gets: a counter. */
  readonly stmt?: readonly { readonly counter: NftCounter | null }[]
  /** Overlapping intervals become one. Only `nft` heeds it. */
  readonly 'auto-merge'?: boolean
  /** At most 127 bytes. */
  readonly comment?: string
}

/** What may be said of a set. */
export type NftSetFlag = 'constant' | 'interval' | 'timeout' | 'dynamic'

/** A named map: a set whose elements have values. */
export interface NftNamedMap extends NftSet {
  /** Type of the values: `'verdict'`, another, or `'ipv4_addr . inet_service'` or an array for several fields. */
  readonly map?: string | readonly string[]
}

/** Elements of a named set or map. */
export interface NftElements {
  readonly family: NftFamily
  readonly table: string
  readonly name: string
  readonly elem: NftSetElement | readonly NftSetElement[]
}

/** An object of the ruleset. */
export type NftObject =
  | { readonly table: NftTable }
  | { readonly chain: NftChain }
  | { readonly rule: NftRule }
  | { readonly set: NftSet }
  | { readonly map: NftNamedMap }
  | { readonly element: NftElements }

/** One command. An object alone is added, its handle and all else that the kernel gave it left aside. */
export type NftCommand =
  | NftObject
  | { readonly add: NftObject }
  | { readonly create: NftObject }
  | { readonly insert: { readonly rule: NftRule } }
  | { readonly replace: { readonly rule: NftRule } }
  | { readonly delete: NftObject }
  | { readonly destroy: NftObject }
  | { readonly flush: NftObject | { readonly ruleset: { readonly family?: NftFamily } | null } }
  | { readonly metainfo: unknown }

/** What {@link Nft.apply} takes, and {@link Nft.list} gives. */
export interface NftRuleset<Item = NftCommand> {
  readonly nftables: readonly Item[]
}
