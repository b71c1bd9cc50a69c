/** Every driver. The floor is the one that the others are compared with. */
import type { Driver } from '../driver.js'
import { cni } from './cni.js'
import { floor } from './floor.js'
import { ip } from './ip.js'
import { netavark } from './netavark.js'
import { netprim } from './netprim.js'
import { nft } from './nft.js'
import { pyroute2 } from './pyroute2.js'
import { vishvananda } from './vishvananda.js'

export const drivers: readonly Driver[] = [netprim, floor]

/** Those without which there is still something to compare. */
export const peers: readonly Driver[] = [vishvananda, pyroute2, ip, nft, cni, netavark]

export { floorLabel } from './floor.js'
