/** Bytes of messages in the making, in the machine's own byte order but where the name says otherwise. */
import { endianness } from 'node:os'

export const littleEndian = endianness() === 'LE'

/** Messages are cut from one piece of memory after the other, as small Buffers are; what most of them need is left at its end. */
const slabSize = 64 * 1024
const leastRoom = 1024

/** Grows as it is written to; what has been taken from it stays as it is. */
export class Writer {
  #bytes = new Uint8Array(slabSize)
  #view = new DataView(this.#bytes.buffer)
  #start = 0
  /** Where the next byte goes. */
  at = 0

  /** Begins a message; gives its place. */
  begin(): number {
    this.#start = (this.#start + 7) & ~7
    if (this.#start + leastRoom > this.#bytes.length) this.#use(new Uint8Array(slabSize), 0)
    this.at = this.#start
    return this.at
  }

  /** What has been written since the message was begun. */
  take(): Uint8Array {
    const message = this.#bytes.subarray(this.#start, this.at)
    this.#start = this.at
    return message
  }

  /** Zeros up to the next word at least. */
  zeros(count: number): void {
    for (const end = this.at + count; this.at < end;) this.u32(0)
  }

  u8(value: number): void {
    if (this.at + 1 > this.#bytes.length) this.#grow(1)
    this.#bytes[this.at] = value
    this.at += 1
  }

  u16(value: number): void {
    if (this.at + 2 > this.#bytes.length) this.#grow(2)
    this.#view.setUint16(this.at, value, littleEndian)
    this.at += 2
  }

  u32(value: number): void {
    if (this.at + 4 > this.#bytes.length) this.#grow(4)
    this.#view.setUint32(this.at, value, littleEndian)
    this.at += 4
  }

  u64(value: bigint): void {
    if (this.at + 8 > this.#bytes.length) this.#grow(8)
    this.#view.setBigUint64(this.at, value, littleEndian)
    this.at += 8
  }

  be16(value: number): void {
    if (this.at + 2 > this.#bytes.length) this.#grow(2)
    this.#view.setUint16(this.at, value)
    this.at += 2
  }

  be32(value: number): void {
    if (this.at + 4 > this.#bytes.length) this.#grow(4)
    this.#view.setUint32(this.at, value)
    this.at += 4
  }

  bytes(value: Uint8Array): void {
    if (this.at + value.length > this.#bytes.length) this.#grow(value.length)
    this.#bytes.set(value, this.at)
    this.at += value.length
  }

  /** UTF-8 with a closing NUL. */
  text(value: string): void {
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index)
      if (code > 0x7f) {
        this.bytes(Buffer.from(value.slice(index)))
        break
      }
      this.u8(code)
    }
    this.u8(0)
  }

  /** Begins something that has its length in its first 16 bits, and a number in the next; gives its place. */
  open(number: number): number {
    const start = this.at
    this.u16(0)
    this.u16(number)
    return start
  }

  /** Ends what began there: writes its length, and zeros up to the next word. */
  close(start: number): void {
    const length = this.at - start
    if (length > 0xffff) throw new RangeError('netlink attribute over 64 KiB')
    this.#view.setUint16(start, length, littleEndian)
    while ((this.at & 3) !== 0) this.u8(0)
  }

  /** Writes over what has been written. */
  u16At(at: number, value: number): void {
    this.#view.setUint16(at, value, littleEndian)
  }

  u32At(at: number, value: number): void {
    this.#view.setUint32(at, value, littleEndian)
  }

  u32From(at: number): number {
    return this.#view.getUint32(at, littleEndian)
  }

  /** Goes on with the message in another piece of memory; its place stays the same there. */
  #grow(count: number): void {
    const grown = new Uint8Array(this.#start + 2 * (this.at + count - this.#start))
    grown.set(this.#bytes.subarray(this.#start, this.at), this.#start)
    this.#use(grown, this.#start)
  }

  #use(bytes: Uint8Array<ArrayBuffer>, start: number): void {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
    this.#start = start
  }
}
