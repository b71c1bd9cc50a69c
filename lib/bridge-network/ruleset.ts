/**
 * The one table of all bridge networks: a constant number of rules, whatever the number of networks, containers and ports.
 * Networks, claims and published ports are elements of its sets and maps.
 */
import type { NftKnownSet } from '../nft/set-declaration.js'
import type { NftChain, NftCommand, NftExpression, NftNamedMap, NftStatement } from '../nft/types.js'

/** Where everything lies. */
export const table = { family: 'inet', table: 'netprim' } as const

const iifname: NftExpression = { meta: { key: 'iifname' } }
const oifname: NftExpression = { meta: { key: 'oifname' } }
const saddr: NftExpression = { payload: { protocol: 'ip', field: 'saddr' } }
const daddr: NftExpression = { payload: { protocol: 'ip', field: 'daddr' } }
const l4proto: NftExpression = { meta: { key: 'l4proto' } }
const dport: NftExpression = { payload: { protocol: 'th', field: 'dport' } }
const ctState: NftExpression = { ct: { key: 'state' } }
const ctStatus: NftExpression = { ct: { key: 'status' } }
const loopback: NftExpression = { prefix: { addr: '127.0.0.0', len: 8 } }

const is = (left: NftExpression, right: NftExpression): NftStatement => ({ match: { op: '==', left, right } })
const isNot = (left: NftExpression, right: NftExpression): NftStatement => ({ match: { op: '!=', left, right } })
const isIn = (left: NftExpression, right: NftExpression): NftStatement => ({ match: { op: 'in', left, right } })

const accept: NftStatement = { accept: null }
const drop: NftStatement = { drop: null }
const masquerade: NftStatement = { masquerade: null }

const dnatBy = (map: string, ...key: NftExpression[]): NftStatement => ({
  dnat: { family: 'ip', addr: { map: { key: { concat: key }, data: `@${map}` } } },
})

/** What is addressed to the host itself may be for a published port. */
const toPublished: readonly NftStatement[] = [is({ fib: { result: 'type', flags: 'daddr' } }, 'local'), { jump: { target: 'publish' } }]

/** Sets and maps, by name. */
const sets: Readonly<Record<string, Pick<NftNamedMap, 'type' | 'map' | 'flags'>>> = {
  // Families in which netprim turned forwarding on; the comment says the value before.
  forwarding: { type: 'nf_proto' },
  bridges: { type: 'ifname' },
  internal: { type: 'ifname' },
  // A bridge twice, where its containers may speak with one another.
  bridged: { type: ['ifname', 'ifname'] },
  // Every network's subnet, with its name; no two may overlap.
  subnets: { type: 'ipv4_addr', flags: 'interval' },
  masqueraded: { type: 'ipv4_addr', flags: 'interval' },
  // A subnet twice: from a container by way of the host to one of the same network.
  hairpin: { type: ['ipv4_addr', 'ipv4_addr'], flags: 'interval' },
  // Every endpoint's address, with its owner.
  addresses: { type: ['ifname', 'ipv4_addr'] },
  // Which ports are published at all: at every address of the host, or at single ones. Different data for one key is refused.
  ports: { type: ['inet_proto', 'inet_service'], map: 'mark' },
  published: { type: ['inet_proto', 'inet_service'], map: ['ipv4_addr', 'inet_service'] },
  published_at: { type: ['inet_proto', 'ipv4_addr', 'inet_service'], map: ['ipv4_addr', 'inet_service'] },
}

/** The declarations of the sets and maps. */
export const declarations: readonly NftKnownSet[] = Object.entries(sets).map(([name, { map, ...set }]) =>
  map === undefined ? { set: { name, ...table, ...set } } : { map: { name, map, ...table, ...set } },
)

interface ChainDeclaration extends Pick<NftChain, 'type' | 'hook' | 'prio'> {
  readonly rules: readonly (readonly NftStatement[])[]
}

/** Chains and their rules, by name. */
const chains: Readonly<Record<string, ChainDeclaration>> = {
  // route_localnet is on for the bridges, so that the host reaches published ports at 127.0.0.1; containers shall not reach the host there.
  raw_prerouting: {
    type: 'filter',
    hook: 'prerouting',
    prio: -300,
    rules: [
      [is(iifname, '@bridges'), is(daddr, loopback), drop],
      [is(iifname, '@bridges'), is(saddr, loopback), drop],
    ],
  },
  publish: {
    rules: [[dnatBy('published_at', l4proto, daddr, dport)], [dnatBy('published', l4proto, dport)]],
  },
  prerouting: {
    type: 'nat',
    hook: 'prerouting',
    prio: -100,
    // This hook comes before the check for loopback addresses from outside; the host's own packets to 127.0.0.1 pass by `output`.
    rules: [[isNot(daddr, loopback), ...toPublished]],
  },
  output: {
    type: 'nat',
    hook: 'output',
    prio: -100,
    rules: [toPublished],
  },
  postrouting: {
    type: 'nat',
    hook: 'postrouting',
    prio: 100,
    rules: [
      [is(saddr, '@masqueraded'), isNot(oifname, '@bridges'), masquerade],
      // By address, not by link: what comes out of the bridge layer (br_netfilter) has no input link here.
      [isIn(ctStatus, 'dnat'), is({ concat: [saddr, daddr] }, '@hairpin'), masquerade],
      [isIn(ctStatus, 'dnat'), is(saddr, loopback), is(oifname, '@bridges'), masquerade],
    ],
  },
  forward: {
    type: 'filter',
    hook: 'forward',
    prio: 0,
    rules: [
      [isIn(ctState, ['established', 'related']), accept],
      [is({ concat: [iifname, oifname] }, '@bridged'), accept],
      // Before the next, which would lead to other networks' published ports.
      [is(iifname, '@internal'), drop],
      [is(oifname, '@bridges'), isIn(ctStatus, 'dnat'), accept],
      [is(oifname, '@bridges'), drop],
      // What others' bridges pass on is nobody's forwarding, though br_netfilter shows it here.
      [is({ meta: { key: 'iifkind' } }, 'bridge'), is({ meta: { key: 'oifkind' } }, 'bridge'), accept],
      // Where forwarding is on for netprim's sake alone, it is on for netprim's networks alone.
      [is({ meta: { key: 'nfproto' } }, '@forwarding'), isNot(iifname, '@bridges'), drop],
    ],
  },
}

/** The commands that make the table; `create` refuses if somebody else has made it meanwhile. */
export function createTable(): NftCommand[] {
  const commands: NftCommand[] = [{ create: { table: { family: table.family, name: table.table } } }]
  for (const declaration of declarations) commands.push({ add: declaration })
  for (const [name, { rules: _rules, ...chain }] of Object.entries(chains)) {
    commands.push({ add: { chain: { name, ...table, ...chain } } })
  }
  for (const [chain, { rules }] of Object.entries(chains)) {
    for (const expr of rules) commands.push({ add: { rule: { chain, expr, ...table } } })
  }
  return commands
}

/** The command that removes the table with all that is in it. */
export const deleteTable: NftCommand = { delete: { table: { family: table.family, name: table.table } } }
