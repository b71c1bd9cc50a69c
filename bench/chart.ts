/** The chart: for each group of cases, how long one operation takes, as bars on a logarithmic scale; an SVG without fonts of its own. */
import type { Result } from './results.js'

/** What a panel of the chart shows: its cases, each with its rows. */
export interface Panel {
  readonly title: string
  readonly cases: readonly { readonly name: string; readonly results: readonly Result[] }[]
}

const width = 860
const labelWidth = 300
const barWidth = 460
const rowHeight = 16
const barHeight = 10
const caseGap = 22
const panelGap = 46

/** Readable on white and on black; what is netprim's stands out. */
const style = `
  text { font: 11px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #57606a }
  .title { font-size: 15px; font-weight: 600; fill: #24292f }
  .case { font-weight: 600; fill: #24292f }
  .netprim { fill: #1f6feb } .floor { fill: #3fa34d } .peer { fill: #9aa4af }
  text.netprim { font-weight: 600 }
  line { stroke: #8c959f; stroke-opacity: 0.3 }
  .end { text-anchor: end } .middle { text-anchor: middle }
  @media (prefers-color-scheme: dark) {
    text { fill: #9da7b3 } .title, .case { fill: #e6edf3 }
    .netprim { fill: #58a6ff } .floor { fill: #3fb950 } .peer { fill: #6e7681 }
  }
`

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

function text(x: number, y: number, classes: string, content: string): string {
  return `<text x="${x.toFixed(0)}" y="${y.toFixed(0)}" class="${classes}">${escaped(content)}</text>`
}

/** A time in words. */
function duration(microseconds: number): string {
  const [value, unit] =
    microseconds < 1000 ? [microseconds, 'µs'] : microseconds < 1e6 ? [microseconds / 1000, 'ms'] : [microseconds / 1e6, 's']
  return `${value < 10 ? Number(value.toPrecision(2)) : Math.round(value)} ${unit}`
}

/** Decades, from that of the shortest time to that of the longest. */
function scaleOf(times: readonly number[]): { readonly first: number; readonly last: number; readonly place: (time: number) => number } {
  const first = Math.floor(Math.log10(Math.min(...times)))
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...times))))
  return { first, last, place: (time) => ((Math.log10(time) - first) / (last - first)) * barWidth }
}

/** Draws a panel from this height on; gives also where it ends. */
function panelAt(top: number, { title, cases }: Panel): { readonly parts: string[]; readonly bottom: number } {
  const { first, last, place } = scaleOf(cases.flatMap(({ results }) => results.map(({ median }) => median)))
  const bars: string[] = []
  let y = top + 20
  for (const { name, results } of cases) {
    y += caseGap
    bars.push(text(0, y - 4, 'case', name))
    for (const { driver, role, median } of results) {
      const long = Math.max(1, place(median))
      bars.push(text(labelWidth, y + barHeight - 1, role === 'netprim' ? 'end case' : 'end', driver))
      bars.push(`<rect x="${labelWidth + 8}" y="${y}" width="${long.toFixed(1)}" height="${barHeight}" rx="1" class="${role}"/>`)
      bars.push(text(labelWidth + long + 13, y + barHeight - 1, '', duration(median)))
      y += rowHeight
    }
  }
  const lines = Array.from({ length: last - first + 1 }, (_, at) => {
    const x = labelWidth + 8 + place(10 ** (first + at))
    const rule = `<line x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${top + 24}" y2="${y}"/>`
    return rule + text(x, top + 20, 'middle', duration(10 ** (first + at)))
  })
  return { parts: [text(0, top, 'title', title), ...lines, ...bars], bottom: y }
}

/** Panels without a case in which there is something to compare are left out. */
export function chartOf(panels: readonly Panel[]): string {
  const drawn: string[] = []
  let bottom = -20
  for (const { title, cases } of panels) {
    const compared = cases.filter(({ results }) => results.length > 1)
    if (compared.length === 0) continue
    const panel = panelAt(bottom + panelGap, { title, cases: compared })
    drawn.push(...panel.parts)
    bottom = panel.bottom
  }
  const height = bottom + 16
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 0 ${width + 16} ${height}" width="${width + 16}" height="${height}" role="img">`,
    `<title>Median time of one operation, by driver; logarithmic</title>`,
    `<style>${style}</style>`,
    ...drawn,
    '</svg>\n',
  ].join('\n')
}
