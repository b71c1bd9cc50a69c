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
import { nftElements, nftElementsSized } from './nft-elements.js'
import { nftList } from './nft-list.js'
import { nftPublish } from './nft-publish.js'
import { nftRules } from './nft-rules.js'
import { routesAdd } from './routes-add.js'
import { routesList } from './routes-list.js'
import { vethCreate } from './veth-create.js'
import { vethCreateNetns } from './veth-create-netns.js'
import { vethDelete } from './veth-delete.js'
import { vethDeleteAll } from './veth-delete-all.js'

/** By what the chart puts under one heading. What leaves many namespaces behind comes last: the kernel takes its time to end them. */
export const caseGroups: Readonly<Record<string, readonly Case[]>> = {
  Containers: [attach, detach, attach1000],
  'One round trip': [linkGet, hop, coldStart],
  Links: [vethCreate, vethCreateNetns, vethDelete, vethDeleteAll, bridgeCreate],
  'Addresses, routes, neighbours': [addressesAdd, routesAdd, neighboursAdd],
  nftables: [nftElements, nftElementsSized, nftPublish, nftRules],
  Lists: [routesList, linksList, nftList],
  Memory: [linkHandleMemory, netnsHandleMemory],
  'Many namespaces': [netnsCreate],
}

export const cases: readonly Case[] = Object.values(caseGroups).flat()
