/** Every case, in the order in which they run. */
import type { Case } from '../case.js'
import { vethCreate } from './veth-create.js'
import { vethCreateNetns } from './veth-create-netns.js'
import { vethDelete } from './veth-delete.js'
import { vethDeleteAll } from './veth-delete-all.js'

export const cases: readonly Case[] = [vethCreate, vethCreateNetns, vethDelete, vethDeleteAll]
