/** Throw-away namespaces: emptied after the round that they are made for, ended with the process, or before. */
import { Link, Netns } from 'netprim'

/** All of them: a handle that nobody holds is collected, its namespace ends, and the end of many slows what is measured after it. */
const kept: Netns[] = []
let emptied = 0

export async function freshNetns(): Promise<Netns> {
  return keep(await Netns.create())
}

export function keep(netns: Netns): Netns {
  kept.push(netns)
  return netns
}

/** Deletes the pairs that are left, so that the next round finds its memory in the kernel's hands and not in the hypervisor's. */
export async function emptyNamespaces(): Promise<void> {
  for (const netns of kept.slice(emptied)) await Link.deleteAll(await netns.links.list({ kind: 'veth' }))
  emptied = kept.length
}

/** Where a round has so many that they cannot be kept; the kernel goes on with their end for a while. */
export async function endNamespaces(): Promise<void> {
  await Promise.all(kept.splice(0).map((netns) => netns.delete()))
  emptied = 0
}
