/** Makes the veth pairs that a case is about to delete. */
import { Veth } from 'netprim'
import { freshNetns } from './fresh-netns.js'

export async function vethPairs(count: number): Promise<Veth[]> {
  const netns = await freshNetns()
  return Promise.all(Array.from({ length: count }, (_, at) => Veth.create({ netns, name: `v${at}`, peer: { name: `p${at}` } })))
}
