/** Writes what was measured into docs/performance.md, between its marks, and the chart beside it. */
import { readFileSync, writeFileSync } from 'node:fs'
import * as path from 'node:path'
import type { Machine } from './machine.js'
import { root } from './packages.js'
import type { CaseTable } from './table.js'

const page = path.join(root, 'docs/performance.md')
const chart = path.join(root, 'docs/performance.svg')

const begin = '<!-- measured: from here to the end mark, npm run bench -- --docs writes -->'
const end = '<!-- measured: end -->'

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function section({ name, title, head, rows, notes }: CaseTable): string {
  const rule = head.map((_, at) => (at === 0 ? '---' : '--:'))
  const table = [line(head), line(rule), ...rows.map(line)].join('\n')
  const sentence = `${title.charAt(0).toUpperCase()}${title.slice(1)}.`
  return [`### ${name}`, sentence, table, ...notes.map((note) => `${note}.`)].join('\n\n')
}

function conditions({ processor, cpus, twoAtOnce, memoryGB, kernel, node, versions }: Machine): string {
  const date = new Date().toISOString().slice(0, 10)
  const list = Object.entries(versions).map(([name, version]) => `- ${name}: ${version}`)
  return [
    `Measured on ${date}: ${processor}, ${cpus} CPUs, ${memoryGB} GB; Linux ${kernel}; Node ${node}.`,
    `Two programs that do nothing but count took ${twoAtOnce.toFixed(1)} times as long at once as one alone: 1 if each had a processor.`,
    list.join('\n'),
  ].join('\n\n')
}

export function writeDocs(machine: Machine, tables: readonly CaseTable[], svg: string): void {
  const text = readFileSync(page, 'utf8')
  const [before, rest] = text.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`${page} has not got the marks '${begin}' and '${end}'`)
  const image = `![Median time of one operation, by driver](performance.svg)`
  const measured = [conditions(machine), image, ...tables.map(section)].join('\n\n')
  writeFileSync(page, `${before}${begin}\n\n${measured}\n\n${end}${after}`)
  writeFileSync(chart, svg)
}
