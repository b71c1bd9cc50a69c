// Golden bytes: messages written out four bytes a line, with what each word is beside it.

/** The words of a message: 'a8 00 00 00' and so on. */
export function words(bytes: Uint8Array): string[] {
  const hex = Buffer.from(bytes).toString('hex').replace(/../g, '$& ')
  return hex.match(/.{1,12}/g)?.map((word) => word.trim()) ?? []
}

/** What stands before the two spaces of each line; empty lines do not count. */
export function golden(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/)[0]!)
    .filter((word) => word !== '')
}

/** The same as bytes, to be decoded. */
export function goldenBytes(text: string): Buffer {
  return Buffer.from(golden(text).join('').replaceAll(' ', ''), 'hex')
}
