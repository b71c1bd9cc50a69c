/** Every driver, in the order of the rows. */
import type { Driver } from '../driver.js'
import { cni } from './cni.js'
import { emptyNode } from './empty-node.js'
import { floor } from './floor.js'
import { hop } from './hop.js'
import { ip } from './ip.js'
import { netavark } from './netavark.js'
import { netprim } from './netprim.js'
import { nft } from './nft.js'
import { pyroute2 } from './pyroute2.js'
import { vishvananda } from './vishvananda.js'

export const drivers: readonly Driver[] = [netprim, floor, hop, emptyNode, vishvananda, pyroute2, ip, nft, cni, netavark]
