/** Every case, in the order in which they run and are reported. */
import type { Case } from '../case.js'
import { addressesAdd } from './addresses-add.js'
import { attach } from './attach.js'
import { attach1000 } from './attach-1000.js'
import { bridgeCreate } from './bridge-create.js'
import { coldStart } from './cold-start.js'
import { detach } from './detach.js'
import { linkHandleMemory, netnsHandleMemory } from './handle-memory.js'
import { hop } from './hop.js'
import { linkGet } from './link-get.js'
import { linksList } from './links-list.js'
import { neighboursAdd } from './neighbours-add.js'
import { netnsCreate } from './netns-create.js'
import { nftElements } from './nft-elements.js'
import { nftPublish } from './nft-publish.js'
import { nftRules } from './nft-rules.js'
import { routesAdd } from './routes-add.js'
import { routesList } from './routes-list.js'
import { vethCreate } from './veth-create.js'
import { vethCreateNetns } from './veth-create-netns.js'
import { vethDelete } from './veth-delete.js'
import { vethDeleteAll } from './veth-delete-all.js'

/**
 * By what the chart puts under one heading. Containers come first, and last what leaves many namespaces behind, which the drivers keep to
 * the end: each makes the kernel's way to a setting of another one longer.
 */
export const caseGroups: Readonly<Record<string, readonly Case[]>> = {
  Containers: [attach, detach],
  'One round trip': [linkGet, hop, coldStart],
  Links: [vethCreate, vethCreateNetns, vethDelete, vethDeleteAll, bridgeCreate],
  'Addresses, routes, neighbours': [addressesAdd, routesAdd, neighboursAdd],
  nftables: [nftElements, nftPublish, nftRules],
  Lists: [routesList, linksList],
  Memory: [linkHandleMemory, netnsHandleMemory],
  'Many namespaces': [netnsCreate, attach1000],
}

export const cases: readonly Case[] = Object.values(caseGroups).flat()
