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
  /** Where the message begins. */
  #start = 0
  /** Where in the message the next byte goes. */
  at = 0

  /** Begins a message. */
  begin(): void {
    this.#start = (this.#start + 7) & ~7
    if (this.#start + leastRoom > this.#bytes.length) this.#use(new Uint8Array(slabSize))
    this.at = 0
  }

  /** What has been written since the message was begun. */
  take(): Uint8Array {
    const end = this.#start + this.at
    const message = this.#bytes.subarray(this.#start, end)
    this.#start = end
    return message
  }

  /**
   * The place in memory of the next so many bytes, which are now the message's. It may be another memory than before: who writes there
   * asks for the place first.
   */
  #advance(count: number): number {
    if (this.#start + this.at + count > this.#bytes.length) this.#grow(count)
    const place = this.#start + this.at
    this.at += count
    return place
  }

  /** Zeros up to the next word at least. */
  zeros(count: number): void {
    for (const end = this.at + count; this.at < end;) this.u32(0)
  }

  u8(value: number): void {
    const place = this.#advance(1)
    this.#bytes[place] = value
  }

  u16(value: number): void {
    const place = this.#advance(2)
    this.#view.setUint16(place, value, littleEndian)
  }

  u32(value: number): void {
    const place = this.#advance(4)
    this.#view.setUint32(place, value, littleEndian)
  }

  u64(value: bigint): void {
    const place = this.#advance(8)
    this.#view.setBigUint64(place, value, littleEndian)
  }

  be16(value: number): void {
    const place = this.#advance(2)
    this.#view.setUint16(place, value)
  }

  be32(value: number): void {
    const place = this.#advance(4)
    this.#view.setUint32(place, value)
  }

  bytes(value: Uint8Array): void {
    const place = this.#advance(value.length)
    this.#bytes.set(value, place)
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
    this.#view.setUint16(this.#start + start, length, littleEndian)
    while ((this.at & 3) !== 0) this.u8(0)
  }

  /** Writes over what has been written. */
  u8At(at: number, value: number): void {
    this.#view.setUint8(this.#start + at, value)
  }

  u16At(at: number, value: number): void {
    this.#view.setUint16(this.#start + at, value, littleEndian)
  }

  u32At(at: number, value: number): void {
    this.#view.setUint32(this.#start + at, value, littleEndian)
  }

  u32From(at: number): number {
    return this.#view.getUint32(this.#start + at, littleEndian)
  }

  /** Goes on with the message in another piece of memory. */
  #grow(count: number): void {
    const grown = new Uint8Array(Math.max(slabSize, 2 * (this.at + count)))
    grown.set(this.#bytes.subarray(this.#start, this.#start + this.at))
    this.#use(grown)
  }

  #use(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
    this.#start = 0
  }
}
