/** What a benchmark case is: one operation, done many times in a fresh namespace, in one or more manners. */

/** Everything that is done before the clock starts; gives, for each manner, what is done while it runs. */
type Prepare<Manner extends string> = () => Promise<Record<Manner, () => Promise<void>>>

/** One case. netprim's side of it stands here; the other drivers do the same, under the same name, in their own languages. */
export interface Case<Manner extends string = string> {
  readonly name: string
  /** What is counted, in words. */
  readonly title: string
  /** How many of it are done in a round. */
  readonly count: number
  /** The ways to ask netprim for it. */
  readonly manners: readonly Manner[]
  readonly prepare: Prepare<Manner>
}

/** Helps TypeScript to see that the manners named are those prepared. */
export function defineCase<const Manner extends string>(definition: Case<Manner>): Case<Manner> {
  return definition
}
