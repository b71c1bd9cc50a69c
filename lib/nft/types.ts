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
  /** What is looked up. */
  readonly key: NftExpression
  /** Where: a named map, or the elements of an anonymous one. */
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
  /** The value, or key. */
  readonly val: NftExpression
  /** Seconds it lives; the set has the flag `timeout`. */
  readonly timeout?: number
  /** Seconds left of them. */
  readonly expires?: number
  /** At most 127 bytes. */
  readonly comment?: string
  /** What the element has counted; null to begin with nothing. */
  readonly counter?: NftCounter | null
  /** Only listed: an expression of the kernel's, by its name there, that the element has beside a counter. */
  readonly unknown?: string
}

/** An element of a set, or of a map: `[key, value]`. A key `'*'` stands for all that are not there. */
export type NftSetElement = NftExpression | readonly [NftExpression, NftExpression | NftVerdict]

/** A count; 64 bits each, a bigint where a number would lose digits. */
export interface NftCounter {
  /** Packets. */
  readonly packets: number | bigint
  /** Bytes. */
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
  /** How a port, and an address of several, is chosen. */
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
  /** Only listed: an expression of the kernel's, by its name there, that netprim has no statement for, or that uses the result of one. */
  | { readonly unknown: string }

/** What of a packet a log says beside the usual. */
export type NftLogFlag = 'tcp sequence' | 'tcp options' | 'ip options' | 'skuid' | 'ether'

/** A line in the kernel's log, or a packet for a group of readers. */
export interface NftLog {
  /** At most 127 bytes. */
  readonly prefix?: string
  /** Level of the line: a word of syslog(3), or `'audit'`. The default is `'warn'`. */
  readonly level?: string
  /** Group of readers (nfnetlink_log), instead of the kernel's log. */
  readonly group?: number
  /** Bytes of each packet that the readers get. */
  readonly snaplen?: number
  /** Packets that are gathered before the readers get them. */
  readonly 'queue-threshold'?: number
  /** What it says beside the usual; `'all'` stands for all of them. */
  readonly flags?: NftLogFlag | 'all' | readonly NftLogFlag[]
}

/** So much per time. */
export interface NftLimit {
  /** How many. */
  readonly rate: number
  /** In which time. */
  readonly per: 'second' | 'minute' | 'hour' | 'day' | 'week'
  /** How many may come at once on top. The default is 5 packets, or no bytes. */
  readonly burst?: number
  /** Default `'packets'`. */
  readonly rate_unit?: 'packets' | 'bytes' | 'kbytes' | 'mbytes'
  /** Unit of `burst` where bytes are counted. */
  readonly burst_unit?: 'bytes' | 'kbytes' | 'mbytes'
  /** What is over the limit matches. */
  readonly inv?: boolean
}

/** An answer that tells the sender. */
export interface NftReject {
  /** Kind of the answer. The default is an ICMP message. */
  readonly type?: 'tcp reset' | 'icmp' | 'icmpv6' | 'icmpx'
  /** The code, as `'port-unreachable'`. */
  readonly expr?: string | number
}

/** A table. */
export interface NftTable {
  /** Family. */
  readonly family: NftFamily
  /** Name. */
  readonly name: string
  /** The kernel's number for it. */
  readonly handle?: number
  /** `'dormant'`: its base chains see no packets. `nft` 1.0.6 prints only the first letters of something else. */
  readonly flags?: 'dormant' | readonly 'dormant'[]
  /** At most 127 bytes. `nft` 1.0.6 keeps it but leaves it out of its JSON. */
  readonly comment?: string
}

/** A chain; `type`, `hook` and `prio` make it a base chain. */
export interface NftChain {
  /** Family of its table. */
  readonly family: NftFamily
  /** Its table. */
  readonly table: string
  /** Name. */
  readonly name: string
  /** The kernel's number for it. */
  readonly handle?: number
  /** What a base chain is for. */
  readonly type?: 'filter' | 'nat' | 'route'
  /** Where packets enter a base chain. */
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
  /** Family of its table. */
  readonly family: NftFamily
  /** Its table. */
  readonly table: string
  /** Its chain. */
  readonly chain: string
  /** What it does, in order. */
  readonly expr?: readonly NftStatement[]
  /** The rule itself for `replace` and `delete`; for `add` and `insert` the one to stand behind, or before. */
  readonly handle?: number
  /** At most 127 bytes. */
  readonly comment?: string
}

/** A named set. */
export interface NftSet {
  /** Family of its table. */
  readonly family: NftFamily
  /** Its table. */
  readonly table: string
  /** Name. */
  readonly name: string
  /** The kernel's number for it. */
  readonly handle?: number
  /** Type of its elements, or of the fields of each. */
  readonly type?: string | readonly string[]
  /** What the kernel is to save: time (the default) or memory. */
  readonly policy?: 'performance' | 'memory'
  /** What may be said of it. */
  readonly flags?: NftSetFlag | readonly NftSetFlag[]
  /** Elements. */
  readonly elem?: NftSetElement | readonly NftSetElement[]
  /** Seconds that elements live by default. */
  readonly timeout?: number
  /** Seconds between collections of what has timed out. */
  readonly 'gc-interval'?: number
  /**
   * Most elements it may have. Say it if there will be thousands: the kernel then makes room for them at once, and ten thousand take
   * little more than half the time; otherwise its hash table grows behind them (rhashtable_insert_slow).
   */
  readonly size?: number
  /** What each element gets: a counter. */
  readonly stmt?: readonly { readonly counter: NftCounter | null }[]
  /**
   * Intervals become one where they touch: of those that the set is declared with, if they say nothing but their keys. Of those that are
   * added later only `nft` heeds it; 1.0.6 leaves it out of its JSON, as it does the flag `dynamic`.
   */
  readonly 'auto-merge'?: boolean
  /** At most 127 bytes. */
  readonly comment?: string
}

/** What may be said of a set. */
export type NftSetFlag = 'constant' | 'interval' | 'timeout' | 'dynamic'

/** A named map: a set whose elements have values. */
export interface NftNamedMap extends NftSet {
  /**
   * Type of the values: `'verdict'`, another, or `'ipv4_addr . inet_service'` or an array for several fields.
   * Maps of objects, as `'counter'`, are only listed.
   */
  readonly map?: string | readonly string[]
}

/** Elements of a named set or map. */
export interface NftElements {
  /** Family of its table. */
  readonly family: NftFamily
  /** Table of the set. */
  readonly table: string
  /** Name of the set or map. */
  readonly name: string
  /** The elements. */
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
  /** Commands, or objects. */
  readonly nftables: readonly Item[]
}
