/** netprim's public surface: everything that can be imported, and nothing else. */
export { NetprimError, type NetprimErrorDetails } from './errors.js'
export { Netns, type NetnsReference } from './netns.js'
export type { CallOptions } from './socket.js'
export type { Sysctl } from './sysctl.js'
export { Link, type LinkChanges, type LinkOptions } from './links/link.js'
export { Bridge, type BridgeOptions } from './links/bridge.js'
export { Veth, type VethOptions, type VethPeerOptions } from './links/veth.js'
export type { LinkFilter, Links } from './links/links.js'
export type { LinkRecord, LinkReference } from './link-record.js'
export type { BridgePortSettings, InNetns, KindOptions, LinkCreation, LinkSettings, OptionsOfKind } from './links/options.js'
export type { AddressFilter, AddressFlag, AddressOptions, AddressRecord, AddressScope, Addresses } from './address.js'
export type {
  Nexthop,
  RouteFilter,
  RouteFlag,
  RouteOptions,
  RouteProtocol,
  RouteQuery,
  RouteRecord,
  RouteScope,
  RouteTable,
  RouteType,
} from './route-options.js'
export type { Routes } from './route.js'
export type { NeighbourFilter, NeighbourFlag, NeighbourOptions, NeighbourRecord, NeighbourState, Neighbours } from './neighbour.js'
import './links/links.js'
import './neighbour.js'
import './nft/of-netns.js'
import './route.js'
export { nft } from './nft/builders.js'
export type { Nft, NftApplyOptions, NftListOptions } from './nft/nft.js'
export type { NftKnownSet } from './nft/set-declaration.js'
export type * from './nft/types.js'
export { createBridgeNetwork } from './bridge-network/create.js'
export { BridgeNetwork, type BridgeNetworkReport, type EndpointReport } from './bridge-network/bridge-network.js'
export { Endpoint } from './bridge-network/endpoint.js'
export type {
  AttachOptions,
  BridgeNetworkOptions,
  PublishOptions,
  Published,
  PublishedPort,
  PublishProtocol,
} from './bridge-network/options.js'
