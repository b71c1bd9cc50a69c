/** The answer to a question about many objects, in the pieces in which it comes. */
import { outcomeOf } from './datagram.js'
import { isFailure, native, type Answer, type Failure, type Handle, type Outcome } from './native.js'

/** So many pieces may wait to be read while the kernel writes the next: when garbage is collected, reading pauses for a while. */
const piecesAhead = 4

/**
 * What is left need not be taken.
 *
 * @param goesOn - there is other work to do here before the next wait
 */
export async function* piecesOf(socket: Handle, message: Uint8Array, goesOn: boolean): AsyncGenerator<Outcome | Failure, void> {
  const coming: Promise<Answer>[] = []
  let outcome = outcomeOf(await native.transact(socket, 'dump', message, goesOn))
  while (!isFailure(outcome) && outcome.rest !== undefined) {
    coming.push(...native.goOn(outcome.rest, piecesAhead - coming.length))
    yield outcome
    outcome = outcomeOf(await (coming.shift() as Promise<Answer>))
  }
  yield outcome
}
