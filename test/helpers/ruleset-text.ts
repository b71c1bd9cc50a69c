// Rulesets as text: loaded by `nft -f`, and printed by `nft list ruleset` so that two of them can be compared.
import { execFileSync } from 'node:child_process'
import type { Netns } from 'netprim'
import { runIn } from './oracle.js'

/** Loads a text as `nft -f` does. */
export function loadRuleset(netns: Netns, text: string): void {
  netns.run(() => execFileSync('nft', ['-f', '-'], { input: text, stdio: ['pipe', 'pipe', 'pipe'] }))
}

/**
 * The ruleset as `nft` prints it, priorities as numbers; the elements of each set on one line, in the order of the alphabet, and
 * without the random number behind the name of an owner.
 */
export function rulesetText(netns: Netns): string {
  const text = runIn(netns, 'nft', '-y', 'list', 'ruleset').replaceAll(/#[0-9a-f]{8}"/g, '"')
  return text.replaceAll(/elements = \{([^}]*)\}/g, (_all, elements: string) => {
    const sorted = elements
      .split(',')
      .map((one) => one.trim())
      .sort()
    return `elements = { ${sorted.join(', ')} }`
  })
}
