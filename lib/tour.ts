/** Messages for several namespaces, which one thread takes there one after the other: who awaited each would wait for two threads each time. */
import { joined, outcomeOf, replyOf } from './datagram.js'
import { native, type SysctlAccess } from './native.js'
import type { Netns } from './netns.js'
import { throwIfRefused, type Purpose } from './refusal.js'

/** A message, and what it is for. */
export interface Request {
  readonly message: Uint8Array
  readonly purpose: Purpose
}

/** What is done in a namespace: at least one request. */
export interface Stop {
  readonly netns: Netns
  /** Written before; what there is no file of is left out. */
  readonly settings?: readonly SysctlAccess[]
  readonly requests: readonly Request[]
}

/**
 * Goes no farther than to the stop where something is refused, which is thrown; what has been done by then stays. Resolves with what each
 * request was answered with.
 */
export async function tour(stops: readonly Stop[]): Promise<readonly (readonly Uint8Array[])[]> {
  const answers = await native.tour(
    stops.map(({ netns, settings = [], requests }) => {
      const datagram = joined(requests.map(({ message }) => message)).slice()
      return { netns: netns.handle, settings, datagram }
    }),
  )
  return answers.map((answer, at) => {
    const outcome = outcomeOf(answer)
    return (stops[at]?.requests ?? []).map(({ message, purpose }, place) => {
      throwIfRefused(outcome, place, purpose, message)
      return replyOf(outcome, place)
    })
  })
}
