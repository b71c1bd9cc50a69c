/** The table of one case, for the terminal. */
import Table from 'cli-table3'
import type { CaseTable } from './table.js'

/** Widest that the head of a column may be; what is longer goes on in the next line. */
const widestHead = 12

function wrapped(text: string): string {
  const lines: string[] = ['']
  for (const word of text.split(' ')) {
    const last = lines.length - 1
    const longer = `${lines[last] ?? ''} ${word}`.trim()
    if (longer.length > widestHead && lines[last] !== '') lines.push(word)
    else lines[last] = longer
  }
  return lines.join('\n')
}

const noBorders = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: ' ' },
}

export function terminalTable({ name, title, head, rows, notes }: CaseTable): string {
  const table = new Table({
    head: head.map((text, at) => (at === 0 ? '' : wrapped(text))),
    colAligns: head.map((_, at) => (at === 0 ? 'left' : 'right')),
    style: { head: [], border: [] },
    chars: noBorders,
  })
  table.push(...rows.map((row) => [...row]))
  return [`\n${name}: ${title}`, table.toString(), ...notes.map((note) => `  ${note}`)].join('\n')
}
