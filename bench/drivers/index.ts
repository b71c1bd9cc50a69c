/** Every driver. The floor is the one that the others are compared with. */
import type { Driver } from '../driver.js'
import { floor } from './floor.js'
import { netprim } from './netprim.js'

export const drivers: readonly Driver[] = [netprim, floor]

export { floorLabel } from './floor.js'
