/** A datagram as bytes: its messages one behind the other, and which part of what came back is whose. */
import { littleEndian } from './codec/writer.js'
import type { Answer, Failure, Outcome } from './native.js'

let scratch = new Uint8Array(64 * 1024)

/** The messages one behind the other; good until the next call. */
export function joined(messages: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const message of messages) length += message.length
  if (length > scratch.length) scratch = new Uint8Array(2 * length)
  let at = 0
  for (const message of messages) {
    scratch.set(message, at)
    at += message.length
  }
  return scratch.subarray(0, at)
}

/** The message at this place of a datagram. */
export function messageAt(datagram: Uint8Array, place: number): Uint8Array {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength)
  const lengthAt = (at: number): number => view.getUint32(at, littleEndian)
  let at = 0
  for (let before = 0; before < place; before++) at += lengthAt(at)
  return datagram.subarray(at, at + lengthAt(at))
}

const nothing = new Uint8Array(0)

/** What comes of a datagram without messages. */
export const allDone: Outcome = { refusals: [], replies: nothing, replyEnds: [], interrupted: false }

/** What the addon's answer says. */
export function outcomeOf(answer: Answer): Outcome | Failure {
  return answer instanceof Uint8Array
    ? { refusals: allDone.refusals, replies: answer, replyEnds: [answer.length], interrupted: false }
    : answer
}

/** What the message at this place was answered with. */
export function replyOf({ replies, replyEnds }: Outcome, at: number): Uint8Array {
  const end = replyEnds[at]
  return end === undefined ? nothing : replies.subarray(at === 0 ? 0 : replyEnds[at - 1], end)
}
