/** What a compound operation has done so far, to be undone if it fails. */
import { takeBack } from '../errors.js'

/** Steps to take back, last one first. */
export class Undo {
  readonly #steps: (() => Promise<unknown>)[] = []

  /** Remembers how to take back what has just been done. */
  add(step: () => Promise<unknown>): void {
    this.#steps.push(step)
  }

  /** Takes everything back, to the end, because of an error. */
  async rollBack(error: unknown): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await takeBack(error, step)
  }
}
