/** A running driver process, in a throw-away namespace of its own. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Netns } from 'netprim'
import { parseAnswer, type Answer } from './answer.js'
import type { Command, Role } from './driver.js'

/** Whoever takes longer for one is ended, and so is who does not end when asked to. */
const longestRoundMilliseconds = 120_000
const longestEndMilliseconds = 20_000

/** How much is kept of what a driver complains about. */
const longestComplaint = 2000

/** Asked for one round after the other. It holds the namespaces that it makes until it is ended. */
export class Contestant {
  readonly label: string
  readonly role: Role
  /** How many operations it does in a round, if not as many as the case says. */
  readonly count: number | undefined
  readonly isCompiled: boolean
  readonly #netns: Netns
  readonly #process: ChildProcess
  readonly #lines: AsyncIterator<string, undefined>
  #complaint = ''

  private constructor(netns: Netns, { label, command, args, count, role = 'peer', isCompiled = false }: Command) {
    this.label = label
    this.role = role
    this.count = count
    this.isCompiled = isCompiled
    this.#netns = netns
    // Even what forgets to say where it acts does not act on the machine's own namespace.
    this.#process = netns.spawn(command, args, { stdio: 'pipe' })
    const { stdin, stdout, stderr } = this.#process
    if (stdin === null || stdout === null || stderr === null) throw new Error('a driver without pipes')
    this.#process.on('error', (error) => this.#complain(error.message))
    stderr.setEncoding('utf8').on('data', (text: string) => this.#complain(text))
    // Nobody may be there to be asked; that no answer comes is what says so.
    stdin.on('error', () => undefined)
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  }

  static async start(command: Command): Promise<Contestant> {
    return new Contestant(await Netns.create(), command)
  }

  /**
   * @param watched - whether a driver that has an event loop is to look at it
   * @throws Error if the driver ends before it has answered, with what it has complained about
   */
  async round(watched: boolean): Promise<Answer> {
    this.#process.stdin?.write(watched ? 'watched\n' : '\n')
    const line = await this.#within(longestRoundMilliseconds, this.#lines.next())
    if (line.done !== true) return parseAnswer(line.value)
    await this.#closed()
    throw new Error(this.#complaint.trim() || 'ended before its time')
  }

  /** Ends the process, and with it its namespaces. */
  async end(): Promise<void> {
    this.#process.stdin?.end()
    await this.#within(longestEndMilliseconds, this.#closed())
    await this.#netns.delete()
  }

  async #within<Result>(milliseconds: number, expected: Promise<Result>): Promise<Result> {
    const tooLong = setTimeout(() => {
      this.#complain(`nothing within ${milliseconds / 1000} s`)
      this.#process.kill('SIGKILL')
    }, milliseconds)
    return expected.finally(() => {
      clearTimeout(tooLong)
    })
  }

  #complain(text: string): void {
    this.#complaint = (this.#complaint + text).slice(-longestComplaint)
  }

  async #closed(): Promise<void> {
    const ended = this.#process.exitCode !== null || this.#process.signalCode !== null || this.#process.pid === undefined
    if (!ended) await once(this.#process, 'exit')
  }
}
