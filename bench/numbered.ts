/** Numbered things: what the rounds of most cases consist of, the same in every driver. */

export function numbered<Item>(count: number, item: (at: number) => Item): Item[] {
  return Array.from({ length: count }, (_, at) => item(at))
}

/** The same one by one, for who need not have them all at once. */
export function* streamed<Item>(count: number, item: (at: number) => Item): Generator<Item, void> {
  for (let at = 0; at < count; at++) yield item(at)
}

const low = (at: number): string => `${(at >> 8) & 255}.${at & 255}`

/** 10.0.0.0 and those that follow. */
export const numberedAddress = (at: number): string => `10.${at >> 16}.${low(at)}`

/** 192.168.1.0 and those that follow, in the subnet of subnet-bridge.ts. */
export const numberedNeighbour = (at: number): string => `192.168.${1 + (at >> 8)}.${at & 255}`

const hexByte = (value: number): string => (value & 255).toString(16).padStart(2, '0')

export const numberedMac = (at: number): string => `02:00:00:00:${hexByte(at >> 8)}:${hexByte(at)}`
