/** A running driver process, in a throw-away namespace of its own. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Netns } from 'netprim'
import type { Command } from './driver.js'

/** Asked for one round after the other. It holds the namespaces that it makes until it is ended. */
export class Contestant {
  readonly label: string
  /** How many operations it does in a round, if not as many as the case says. */
  readonly count: number | undefined
  readonly #netns: Netns
  readonly #process: ChildProcess
  readonly #lines: AsyncIterator<string, undefined>

  private constructor(netns: Netns, { label, command, args, count }: Command) {
    this.label = label
    this.count = count
    this.#netns = netns
    // Even what forgets to say where it acts does not act on the machine's own namespace.
    this.#process = netns.spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#process.on('error', (error) => {
      console.error(`${label}: ${error.message}`)
    })
    const { stdin, stdout } = this.#process
    if (stdin === null || stdout === null) throw new Error('a driver without pipes')
    // Nobody may be there to be asked; that no answer comes is what says so.
    stdin.on('error', () => undefined)
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  }

  static async start(command: Command): Promise<Contestant> {
    return new Contestant(await Netns.create(), command)
  }

  /** Nanoseconds that a round took. */
  async round(): Promise<number> {
    this.#process.stdin?.write('\n')
    const line = await this.#lines.next()
    if (line.done === true) throw new Error(`${this.label} ended before its time`)
    return Number(line.value)
  }

  /** Ends the process, and with it its namespaces. */
  async end(): Promise<void> {
    const running = this.#process.exitCode === null && this.#process.signalCode === null && this.#process.pid !== undefined
    const exited = running ? once(this.#process, 'exit') : undefined
    this.#process.stdin?.end()
    await exited
    await this.#netns.delete()
  }
}
