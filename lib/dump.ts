/** The answer to a question about many objects, in the pieces in which it comes. */
import { outcomeOf } from './datagram.js'
import { isFailure, native, type Answer, type Failure, type Handle, type Outcome } from './native.js'
import { isTurnAwaited } from './turns.js'

/** So many pieces may wait to be read while the kernel writes the next: when garbage is collected, reading pauses for a while. */
const piecesAhead = 4

/** What is left need not be taken. */
export async function* piecesOf(socket: Handle, message: Uint8Array): AsyncGenerator<Outcome | Failure, void> {
  const coming: Promise<Answer>[] = []
  let outcome = outcomeOf(await native.transact(socket, 'dump', message, isTurnAwaited()))
  while (!isFailure(outcome) && outcome.rest !== undefined) {
    coming.push(...native.goOn(outcome.rest, piecesAhead - coming.length))
    yield outcome
    outcome = outcomeOf(await (coming.shift() as Promise<Answer>))
  }
  yield outcome
}
