// Bytes of nftables' messages, as `nft --debug=mnl` prints them for the same, and records back from them.
import { describe, expect, test } from '@jest/globals'
import { encodeElements } from '../../lib/nft/element-messages.js'
import { decodeElements, decodeRules, encodeBatchBegin, encodeBatchEnd, encodeNft } from '../../lib/nft/messages.js'
import { compileRule } from '../../lib/nft/statements.js'
import { golden, words } from '../helpers/golden.js'

const headerLength = 16

/** What follows nlmsghdr. */
function body(message: Uint8Array): string[] {
  return words(message.subarray(headerLength))
}

const surroundings = {
  family: 'inet' as const,
  interfaces: new Map([[1, 'lo']]),
  declareAnonymous: () => ({ name: '__set%d', id: 1, keys: [], interval: false }),
  findSet: () => ({ name: 's', keys: [], interval: false }),
}

describe('a rule', () => {
  const expressions = compileRule(
    [{ match: { op: '==', left: { payload: { protocol: 'tcp', field: 'dport' } }, right: 22 } }, { accept: null }],
    'expr',
    surroundings,
  )
  const message = encodeNft('NFT_MSG_NEWRULE', { family: 'inet', table: 't', chain: 'c', expressions }, ['create', 'append'])

  test('tcp dport 22 accept', () => {
    expect(body(message)).toEqual(
      golden(`
      01 00 00 00  nfgenmsg: NFPROTO_INET
      06 00 01 00  NFTA_RULE_TABLE
      74 00 00 00    t
      06 00 02 00  NFTA_RULE_CHAIN
      63 00 00 00    c
      e4 00 04 80  NFTA_RULE_EXPRESSIONS
      24 00 01 80    NFTA_LIST_ELEM
      09 00 01 00      NFTA_EXPR_NAME
      6d 65 74 61        meta
      00 00 00 00
      14 00 02 80      NFTA_EXPR_DATA
      08 00 02 00        NFTA_META_KEY
      00 00 00 10          NFT_META_L4PROTO
      08 00 01 00        NFTA_META_DREG
      00 00 00 01          NFT_REG_1
      2c 00 01 80    NFTA_LIST_ELEM
      08 00 01 00      NFTA_EXPR_NAME
      63 6d 70 00        cmp
      20 00 02 80      NFTA_EXPR_DATA
      08 00 01 00        NFTA_CMP_SREG
      00 00 00 01          NFT_REG_1
      08 00 02 00        NFTA_CMP_OP
      00 00 00 00          NFT_CMP_EQ
      0c 00 03 80        NFTA_CMP_DATA
      05 00 01 00          NFTA_DATA_VALUE
      06 00 00 00            IPPROTO_TCP
      34 00 01 80    NFTA_LIST_ELEM
      0c 00 01 00      NFTA_EXPR_NAME
      70 61 79 6c        payl
      6f 61 64 00        oad
      24 00 02 80      NFTA_EXPR_DATA
      08 00 01 00        NFTA_PAYLOAD_DREG
      00 00 00 01          NFT_REG_1
      08 00 02 00        NFTA_PAYLOAD_BASE
      00 00 00 02          NFT_PAYLOAD_TRANSPORT_HEADER
      08 00 03 00        NFTA_PAYLOAD_OFFSET
      00 00 00 02          2 bytes
      08 00 04 00        NFTA_PAYLOAD_LEN
      00 00 00 02          2 bytes
      2c 00 01 80    NFTA_LIST_ELEM
      08 00 01 00      NFTA_EXPR_NAME
      63 6d 70 00        cmp
      20 00 02 80      NFTA_EXPR_DATA
      08 00 01 00        NFTA_CMP_SREG
      00 00 00 01          NFT_REG_1
      08 00 02 00        NFTA_CMP_OP
      00 00 00 00          NFT_CMP_EQ
      0c 00 03 80        NFTA_CMP_DATA
      06 00 01 00          NFTA_DATA_VALUE
      00 16 00 00            port 22
      30 00 01 80    NFTA_LIST_ELEM
      0e 00 01 00      NFTA_EXPR_NAME
      69 6d 6d 65        imme
      64 69 61 74        diat
      65 00 00 00        e
      1c 00 02 80      NFTA_EXPR_DATA
      08 00 01 00        NFTA_IMMEDIATE_DREG
      00 00 00 00          NFT_REG_VERDICT
      10 00 02 80        NFTA_IMMEDIATE_DATA
      0c 00 02 80          NFTA_DATA_VERDICT
      08 00 01 00            NFTA_VERDICT_CODE
      00 00 00 01              NF_ACCEPT`),
    )
  })

  test('comes back as the same expressions', () => {
    const asBuffers = expressions.map((expression) =>
      Object.fromEntries(Object.entries(expression).map(([key, value]) => [key, value instanceof Uint8Array ? Buffer.from(value) : value])),
    )
    expect(decodeRules(message)).toEqual([{ family: 'inet', table: 't', chain: 'c', expressions: asBuffers }])
  })

  test('with an expression that has no table keeps the others', () => {
    const bytes = Buffer.from(message)
    bytes.write('cnp', bytes.indexOf('cmp'))
    const [record] = decodeRules(bytes)
    expect(record!.expressions!.map(({ name }) => name)).toEqual(['meta', 'cnp', 'payload', 'cmp', 'immediate'])
    expect(record!.expressions![1]).toEqual({ name: 'cnp' })
  })

  test.each([
    ['the largest number', 9_007_199_254_740_991],
    ['more than a number holds', 9_007_199_254_740_993n],
    ['all bits', 0xffff_ffff_ffff_ffffn],
    ['more than 32 bits', 2 ** 32 + 5],
  ])('with a counter of %s', (_name, packets) => {
    const counted = encodeNft('NFT_MSG_NEWRULE', { family: 'ip', expressions: [{ name: 'counter', packets, bytes: 0 }] })
    expect(decodeRules(counted)[0]!.expressions).toEqual([{ name: 'counter', packets, bytes: 0 }])
  })

  test('with each register', () => {
    const loads = Array.from({ length: 16 }, (_, dreg) => ({ name: 'meta', key: 'mark', dreg }))
    const message = encodeNft('NFT_MSG_NEWRULE', { family: 'ip', expressions: loads })
    expect(decodeRules(message)[0]!.expressions).toEqual(loads)
    expect(() => encodeNft('NFT_MSG_NEWRULE', { family: 'ip', expressions: [{ name: 'meta', key: 'mark', dreg: 16 }] })).toThrow('16')
  })
})

describe('a transaction', () => {
  test('begins with the generation that it is for', () => {
    expect(words(encodeBatchBegin(7))).toEqual(
      golden(`
      1c 00 00 00  nlmsg_len
      10 00 01 00  NFNL_MSG_BATCH_BEGIN, NLM_F_REQUEST
      00 00 00 00  nlmsg_seq
      00 00 00 00  nlmsg_pid
      00 00 00 0a  nfgenmsg: NFNL_SUBSYS_NFTABLES
      08 00 01 00  NFNL_BATCH_GENID
      00 00 00 07`),
    )
  })

  test('ends', () => {
    expect(words(encodeBatchEnd())).toEqual(['14 00 00 00', '11 00 01 00', '00 00 00 00', '00 00 00 00', '00 00 00 0a'])
  })
})

describe('elements', () => {
  const set = { family: 'ip', table: 't', set: 's' }

  test('of an interval: its first key, and the first one behind it', () => {
    const [message, ...others] = encodeElements('NFT_MSG_NEWSETELEM', set, [
      { key: Uint8Array.of(10, 0, 0, 0) },
      { flags: ['end'], key: Uint8Array.of(11, 0, 0, 0) },
    ])
    expect(others).toEqual([])
    expect(body(message!)).toEqual(
      golden(`
      02 00 00 00  nfgenmsg: NFPROTO_IPV4
      06 00 02 00  NFTA_SET_ELEM_LIST_SET
      73 00 00 00    s
      06 00 01 00  NFTA_SET_ELEM_LIST_TABLE
      74 00 00 00    t
      2c 00 03 80  NFTA_SET_ELEM_LIST_ELEMENTS
      10 00 01 80    NFTA_LIST_ELEM
      0c 00 01 80      NFTA_SET_ELEM_KEY
      08 00 01 00        NFTA_DATA_VALUE
      0a 00 00 00          10.0.0.0
      18 00 01 80    NFTA_LIST_ELEM
      08 00 03 00      NFTA_SET_ELEM_FLAGS
      00 00 00 01        NFT_SET_ELEM_INTERVAL_END
      0c 00 01 80      NFTA_SET_ELEM_KEY
      08 00 01 00        NFTA_DATA_VALUE
      0b 00 00 00          11.0.0.0`),
    )
  })

  test('are split below 64 KiB, never between the ends of an interval', () => {
    const elements = Array.from({ length: 10_001 }, (_, at) => ({
      ...(at % 2 === 1 && { flags: ['end'] }),
      key: Uint8Array.of(0, 0, at >> 8, at),
    }))
    const messages = encodeElements('NFT_MSG_NEWSETELEM', set, elements)
    expect(messages.length).toBeGreaterThan(3)
    expect(messages.flatMap(decodeElements).map(({ key }) => key)).toEqual(elements.map(({ key }) => Buffer.from(key)))
    for (const message of messages) {
      expect(message.length).toBeLessThan(0x10000)
      expect(decodeElements(message)[0]!.flags).toBeUndefined()
    }
  })

  test.each([
    [1, 0],
    [2, 4],
    [4, 2],
    [6, 36],
    [36, 1],
  ])('that are plain, keys of %i bytes and values of %i, are written as any others', (keyLength, dataLength) => {
    const count = 5000
    const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => at * 7 + (at >> 8))
    const [keys, data] = [bytes(count * keyLength), bytes(count * dataLength)]
    const elements = Array.from({ length: count }, (_, at) => ({
      key: keys.subarray(at * keyLength, (at + 1) * keyLength),
      ...(dataLength > 0 && { data: data.subarray(at * dataLength, (at + 1) * dataLength) }),
    }))
    const plain = encodeElements('NFT_MSG_NEWSETELEM', set, { count, keyLength, keys, dataLength, data })
    expect(plain.length).toBeGreaterThan(1)
    expect(Buffer.concat(plain).equals(Buffer.concat(encodeElements('NFT_MSG_NEWSETELEM', set, elements)))).toBe(true)
  })
})
