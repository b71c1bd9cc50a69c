/** One line on stderr that says what is being measured; written over in a terminal, only said once a case elsewhere. */

export function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}

/** Says what begins, in a terminal on the line that {@link showProgress} goes on with. */
export function announce(text: string): void {
  if (process.stderr.isTTY) showProgress(text)
  else process.stderr.write(`${text}\n`)
}

export function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
}
