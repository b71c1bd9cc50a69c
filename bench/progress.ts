/** What is said on stderr while it is measured: one line that is written over in a terminal, and elsewhere only said once a case. */

/** In place of what was shown before; an empty text takes that away. */
export function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}

/** Says something that stays. */
export function say(text: string): void {
  showProgress('')
  process.stderr.write(`bench: ${text}\n`)
}

/** Says what begins, in a terminal on the line that {@link showProgress} goes on with. */
export function announce(text: string): void {
  if (process.stderr.isTTY) showProgress(text)
  else process.stderr.write(`${text}\n`)
}
