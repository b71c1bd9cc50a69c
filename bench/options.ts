/** What the suite is asked for on its command line. */
import { parseArgs } from 'node:util'
import type { Case } from './case.js'
import { cases } from './cases/index.js'
import type { Driver } from './driver.js'
import { drivers } from './drivers/index.js'

export interface Options {
  readonly cases: readonly Case[]
  readonly drivers: readonly Driver[]
  /** How many of each case; undefined for as many as the case itself says. */
  readonly rounds: number | undefined
  readonly json: string | undefined
  readonly docs: boolean
}

interface Named {
  readonly name: string
}

/** Those that one of the words names, or is a part of the name of. @throws Error if a word is part of none */
function chosen<Item extends Named>(what: string, items: readonly Item[], words: readonly string[]): readonly Item[] {
  if (words.length === 0) return items
  const isName = (word: string): boolean => items.some(({ name }) => name === word)
  const fits = (word: string, { name }: Named): boolean => (isName(word) ? name === word : name.toLowerCase().includes(word.toLowerCase()))
  const unknown = words.find((word) => !items.some((item) => fits(word, item)))
  if (unknown !== undefined) throw new Error(`no ${what} is named '${unknown}'; there are ${items.map(({ name }) => name).join(', ')}`)
  return items.filter((item) => words.some((word) => fits(word, item)))
}

function parseRounds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const rounds = Number(text)
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds: a positive integer was expected, not '${text}'`)
  return rounds
}

export function readOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      drivers: { type: 'string', default: '' },
      json: { type: 'string' },
      docs: { type: 'boolean', default: false },
    },
  })
  const isChosen = positionals.length > 0 || values.drivers !== '' || values.rounds !== undefined
  if (values.docs && isChosen) throw new Error('--docs writes the whole page: it takes no cases, --drivers or --rounds')
  return {
    cases: chosen('case', cases, positionals),
    drivers: chosen('driver', drivers, values.drivers.split(',').filter(Boolean)),
    rounds: parseRounds(values.rounds),
    json: values.json,
    docs: values.docs,
  }
}
