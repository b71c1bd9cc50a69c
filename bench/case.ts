/** What a benchmark case is: one operation, done many times in a fresh namespace, in one or more manners. */

/** One round of a case. */
export interface Round<Manner extends string> {
  /** What is done while the clock runs, by the manner of asking for it. */
  readonly actions: Readonly<Record<Manner, () => Promise<unknown>>>
  /** How many of it took effect; asked after the clock has stopped. */
  done(): number | Promise<number>
  /** Deletes what is left, where that spares the next round something. */
  clear?(): Promise<unknown>
  /** What the case measures beside time, by a name that says the unit. */
  figures?(): Readonly<Record<string, number>>
}

/** One case. netprim's side of it stands here; the other drivers do the same, under the same name, in their own languages. */
export interface Case<Manner extends string = string> {
  readonly name: string
  /** What is counted, in words. */
  readonly title: string
  /** How many of it are done in a round. */
  readonly count: number
  /** The ways to ask netprim for it. */
  readonly manners: readonly Manner[]
  /** How many rounds there are unless the caller says so; fewer of what takes long. */
  readonly rounds: number
  /** Another process does the work: this one's event loop and heap tell nothing. */
  readonly elsewhere?: boolean
  /** Rows of other drivers that are added up into one more, to compare with. */
  readonly sum?: readonly string[]
  /** Everything that is done before the clock starts; `manner` is the one that will be asked for. */
  prepare(manner: Manner): Promise<Round<Manner>>
}

/** Helps TypeScript to see that the manners named are those prepared. */
export function defineCase<const Manner extends string>(definition: Case<Manner>): Case<Manner> {
  return definition
}
