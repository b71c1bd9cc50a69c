// Reading and writing of rulesets, with `nft` as the oracle of both: what it loads we list as it does, what it lists we apply to the same.
import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Netns } from 'netprim'
import type { NftRuleset } from '../../lib/nft/types.js'
import { runIn } from '../helpers/oracle.js'
import { corpus } from './nft-corpus.js'

let netns: Netns

beforeEach(async () => {
  netns = await Netns.create()
  runIn(netns, 'ip', 'link', 'set', 'lo', 'up')
})

afterEach(() => netns.close())

function load(text: string): void {
  netns.run(() => execFileSync('nft', ['-f', '-'], { input: text, stdio: ['pipe', 'pipe', 'pipe'] }))
}

/** What changes from one look to the next, or from one load to the next, and is not part of a ruleset. */
function withoutPassing(_key: string, value: unknown): unknown {
  return _key === 'expires' || _key === 'handle' ? undefined : value
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, withoutPassing))
}

/** What `nft -j list ruleset` prints, without its metainfo. */
function listed(): NftRuleset {
  const { nftables } = JSON.parse(runIn(netns, 'nft', '-j', 'list', 'ruleset')) as NftRuleset
  return { nftables: nftables.filter((item) => !('metainfo' in item)) }
}

/** The text of the ruleset, but for the time that elements have left. */
function asText(): string {
  return runIn(netns, 'nft', 'list', 'ruleset').replaceAll(/ expires \S+?(?=[ ,\n])/g, '')
}

/** The expressions of the rules; the elements of sets come in an order of the kernel's own, different each time. */
function asExpressions(): string[] {
  const lines = runIn(netns, 'nft', '--debug=netlink', 'list', 'ruleset').split('\n')
  return lines.filter((line) => line.startsWith('  ['))
}

describe.each(Object.entries(corpus))('%s', (_name, text) => {
  test('is listed as nft lists it', async () => {
    load(text)
    const theirs = listed()
    const ours = await netns.nft.list()
    expect(plain(ours)).toEqual(plain(theirs))
    expect(ours.nftables.map(handleOf)).toEqual(theirs.nftables.map(handleOf))
  })

  test('is applied so that nft reads it as its own', async () => {
    load(text)
    const json = listed()
    const own = { text: asText(), expressions: asExpressions() }
    runIn(netns, 'nft', 'flush', 'ruleset')
    await netns.nft.apply(json)
    expect(plain(listed())).toEqual(plain(json))
    expect(asText()).toEqual(own.text)
    expect(asExpressions()).toEqual(own.expressions)
  })

  test('is applied to what was listed', async () => {
    load(text)
    const before = await netns.nft.list()
    runIn(netns, 'nft', 'flush', 'ruleset')
    await netns.nft.apply(before)
    expect(plain(await netns.nft.list())).toEqual(plain(before))
  })
})

function handleOf(item: object): unknown {
  const [object] = Object.values(item) as { handle?: unknown }[]
  return object?.handle
}
