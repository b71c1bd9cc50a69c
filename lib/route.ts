/** Routes: plain records in, plain records out (rtnetlink(7), ip-route(8)). */
import {
  decodeRoutes,
  encodeDelRoute,
  encodeGetRoute,
  encodeGetRoutes,
  encodeNewRoute,
  encodeReplaceRoute,
  type Encode,
} from './codec/messages.js'
import { taken } from './codec/decode.js'
import type { Values } from './codec/table.js'
import { isRefusal } from './errors.js'
import { indexOf, type Asking, type LinkReference } from './link-record.js'
import type { NativeRecord } from './native.js'
import { Netns } from './netns.js'
import {
  routeChecks,
  routeFilterChecks,
  routeQueryChecks,
  settableFlags,
  type RouteFilter,
  type RouteOptions,
  type RouteQuery,
  type RouteRecord,
  type RouteScope,
} from './route-options.js'
import { sendMany, type OneOrMany } from './many.js'
import type { CallOptions, Query } from './socket.js'
import type { Request } from './tour.js'
import { callChecks, checkListed, checkOptions, invalidArgValue, ip, ipFamily, partsOf, type Cidr } from './validate.js'

function destinationOf(options: RouteOptions): Cidr {
  if (options.to === 'default') {
    const gateway = options.via ?? options.nexthops?.find((hop) => hop.via !== undefined)?.via
    const which = gateway === undefined ? (options.family ?? 'ipv4') : ipFamily(gateway)
    return { family: which, ip: which === 'ipv4' ? '0.0.0.0' : '::', prefixLength: 0 }
  }
  return partsOf(options.to)
}

/** All addresses of a route are of one family. */
function checkFamilies(options: RouteOptions): void {
  const { family } = destinationOf(options)
  const hops = (options.nexthops ?? []).map((hop, at) => [`nexthops[${at}].via`, hop.via] as const)
  for (const [option, address] of [['via', options.via] as const, ['src', options.src] as const, ...hops]) {
    if (address !== undefined && ipFamily(address) !== family)
      throw invalidArgValue(option, `an ${family} address, as the route is`, address)
  }
}

function defaultScope(options: RouteOptions): RouteScope {
  if (options.type === 'local') return 'host'
  const direct = options.via === undefined && options.nexthops === undefined
  return direct && (options.type ?? 'unicast') === 'unicast' ? 'link' : 'global'
}

const settable = (words: readonly string[] | undefined): readonly string[] | undefined =>
  words?.filter((word) => (settableFlags as readonly string[]).includes(word))

type Told = 'family' | 'to' | 'toLength' | 'table' | 'link' | 'flags' | 'nexthops' | 'type' | 'protocol' | 'scope'

type CompleteRoute = (
  values: Values,
  at: Readonly<Record<Told, number>>,
  options: RouteOptions,
  index: (link: LinkReference) => number,
) => void

const complete: CompleteRoute = (values, at, options, index) => {
  const { link, flags, nexthops } = options
  const { family, ip: address, prefixLength } = destinationOf(options)
  values[at.family] = family
  values[at.to] = prefixLength === 0 ? undefined : address
  values[at.toLength] = prefixLength
  values[at.table] ??= 'main'
  if (link !== undefined) values[at.link] = index(link)
  if (flags !== undefined) values[at.flags] = settable(flags)
  values[at.nexthops] = nexthops?.map((hop) =>
    Object.assign({}, hop, { flags: settable(hop.flags), link: hop.link === undefined ? undefined : index(hop.link) }),
  )
}

/** The same for a route that is to be there. */
const completeNew: CompleteRoute = (values, at, options, index) => {
  complete(values, at, options, index)
  values[at.type] ??= 'unicast'
  values[at.protocol] ??= 'boot'
  values[at.scope] ??= defaultScope(options)
}

/** Of a route to be deleted, the scope that is none means any to the kernel. */
const completeDeleted: CompleteRoute = (values, at, options, index) => {
  complete(values, at, options, index)
  values[at.scope] ??= 'nowhere'
}

/** A route through whatever link its gateway is behind. */
export type GatewayRoute = Pick<RouteOptions, 'to' | 'via' | 'metric'>

/** What adds a route to a gateway. */
export function gatewayRequest(route: GatewayRoute, asking: Asking): Request {
  const message = encodeNewRoute.all<Told, GatewayRoute>([route], true, (values, at, options) => completeNew(values, at, options, () => 0))
  return { message, purpose: { syscall: 'RTM_NEWROUTE', target: route.to, ...asking } }
}

/** A table that never had a route is not there; the list of its routes is empty. */
function isMissingTable(error: unknown): boolean {
  return isRefusal(error, 'ENOENT')
}

type Name = 'family' | 'to' | 'toLength' | 'from' | 'fromLength' | 'tos' | 'table' | 'protocol' | 'scope' | 'type' | 'flags' | 'nexthops'

/** A list of none is left out. */
function orNone(words: unknown): unknown {
  return (words as readonly string[] | undefined)?.length === 0 ? undefined : words
}

function reportedNexthop({ flags, ...rest }: NativeRecord): NativeRecord {
  return Object.freeze(orNone(flags) === undefined ? rest : { flags, ...rest })
}

/** With all that every route has at once: V8 would enlarge the record again and again. */
function beginRoute(values: Values, at: Readonly<Record<Name, number>>): Record<string, unknown> {
  const [to, length, family] = [taken(values, at.to) as string | undefined, taken(values, at.toLength), taken(values, at.family)]
  const record = {
    to: to === undefined ? 'default' : length === (family === 'ipv4' ? 32 : 128) ? to : `${to}/${String(length)}`,
    family,
    type: taken(values, at.type),
    table: taken(values, at.table),
    protocol: taken(values, at.protocol),
    scope: taken(values, at.scope),
  }
  values[at.from] = values[at.fromLength] = undefined
  if (values[at.tos] === 0) values[at.tos] = undefined
  values[at.flags] = orNone(values[at.flags])
  const nexthops = values[at.nexthops] as readonly NativeRecord[] | undefined
  values[at.nexthops] = nexthops?.map(reportedNexthop)
  return record
}

function routesOf(replies: Uint8Array): RouteRecord[] {
  return decodeRoutes(replies, beginRoute) as unknown as RouteRecord[]
}

/** The routes of a namespace. */
export class Routes {
  readonly #netns: Netns

  /** @internal */
  constructor(netns: Netns) {
    this.#netns = netns
  }

  /**
   * Adds one route or several. Several are asked for together and are not undone when one of them is refused. Needs CAP_NET_ADMIN.
   *
   * @throws {@link NetprimError} EEXIST if there is such a route, ENETUNREACH if the gateway cannot be reached
   */
  add(routes: OneOrMany<RouteOptions>, options: CallOptions = {}): Promise<void> {
    return this.#send('routes.add', 'RTM_NEWROUTE', encodeNewRoute, completeNew, routes, options)
  }

  /** Adds routes, each in the place of one to the same destination with the same metric if there is one. */
  replace(routes: OneOrMany<RouteOptions>, options: CallOptions = {}): Promise<void> {
    return this.#send('routes.replace', 'RTM_NEWROUTE', encodeReplaceRoute, completeNew, routes, options)
  }

  /**
   * Deletes one route or several.
   *
   * @throws {@link NetprimError} ESRCH if there is none that fits
   */
  delete(routes: OneOrMany<RouteOptions>, options: CallOptions = {}): Promise<void> {
    return this.#send('routes.delete', 'RTM_DELROUTE', encodeDelRoute, completeDeleted, routes, options)
  }

  /**
   * Asks the kernel which way a packet to this address would take, as `ip route get`.
   *
   * @throws {@link NetprimError} ENETUNREACH or EHOSTUNREACH if it would take none
   */
  async get(to: string, query: RouteQuery = {}): Promise<RouteRecord> {
    ip('to', to)
    checkOptions(query, routeQueryChecks, 'query')
    const { from } = query
    const family = ipFamily(to)
    if (from !== undefined && ipFamily(from) !== family) throw invalidArgValue('query.from', `an ${family} address`, from)
    return this.#netns.usedBy(this.#get(to, query))
  }

  async #get(to: string, { from, iif, oif, mark, signal }: RouteQuery): Promise<RouteRecord> {
    const asking = { operation: 'routes.get', signal }
    const family = ipFamily(to)
    const whole = family === 'ipv4' ? 32 : 128
    const record = {
      family,
      to,
      toLength: whole,
      from,
      fromLength: from === undefined ? 0 : whole,
      iif: iif === undefined ? undefined : await indexOf(this.#netns, iif, asking),
      link: oif === undefined ? undefined : await indexOf(this.#netns, oif, asking),
      mark,
      // IPv6 tells the table unasked, and refuses the flag.
      flags: family === 'ipv4' ? ['lookup_table'] : [],
    }
    const reply = await this.#netns.route.request(encodeGetRoute(record), { syscall: 'RTM_GETROUTE', target: to, ...asking })
    const [route] = routesOf(reply)
    if (route === undefined) throw new Error('RTM_GETROUTE was answered without a route')
    return route
  }

  /** Lists routes, in the kernel's order; empty if there are none. In the caller's own namespace it needs no privilege. */
  async list(filter: RouteFilter = {}): Promise<RouteRecord[]> {
    const netns = this.#netns
    try {
      return await netns.usedBy(this.#query('routes.list', filter).then((query) => netns.route.dump(query)))
    } catch (error) {
      if (isMissingTable(error)) return []
      throw error
    }
  }

  /**
   * The same routes, one after the other as the kernel tells of them: there is never more than a piece of the list in memory, and the
   * event loop need not wait until V8 has moved a hundred thousand objects that are all kept.
   *
   * @throws {@link NetprimError} EINTR, at the end, if the list changed while it was read
   */
  async *iterate(filter: RouteFilter = {}): AsyncGenerator<RouteRecord, void> {
    try {
      yield* this.#netns.route.stream(await this.#query('routes.iterate', filter))
    } catch (error) {
      if (!isMissingTable(error)) throw error
    }
  }

  async #query(operation: string, filter: RouteFilter): Promise<Query<RouteRecord>> {
    checkOptions(filter, routeFilterChecks, 'filter')
    const { family: which, table = 'main', signal } = filter
    const asking = { operation, signal }
    const link = filter.link === undefined ? undefined : await indexOf(this.#netns, filter.link, asking)
    const fits = (route: RouteRecord): boolean =>
      (table === 'all' || route.table === table) &&
      (link === undefined || route.link === link || route.nexthops?.some((hop) => hop.link === link) === true) &&
      (which === undefined || route.family === which)
    return {
      message: encodeGetRoutes({ family: which, table: table === 'all' ? undefined : table, link }),
      purpose: { syscall: 'RTM_GETROUTE', ...asking },
      decode: (replies) => routesOf(replies).filter(fits),
    }
  }

  async #send(
    operation: string,
    syscall: string,
    encode: Encode,
    completeOne: CompleteRoute,
    routes: OneOrMany<RouteOptions>,
    call: CallOptions,
  ): Promise<void> {
    checkOptions(call, callChecks)
    await sendMany(this.#netns, routes, {
      purpose: { operation, syscall, signal: call.signal },
      check: (one, at, list) => {
        checkListed(one, routeChecks, 'route', list, at)
        checkFamilies(one)
      },
      links: ({ link, nexthops }) => (nexthops === undefined ? [link] : [link, ...nexthops.map((hop) => hop.link)]),
      encode: (all, index, acknowledged) =>
        encode.all<Told, RouteOptions>(all, acknowledged, (values, at, one) => {
          completeOne(values, at, one, index)
        }),
      target: ({ to }) => to,
    })
  }
}

declare module './netns.js' {
  interface Netns {
    /** Routes of this namespace. */
    readonly routes: Routes
  }
}

Netns.extend('routes', (netns) => new Routes(netns))
