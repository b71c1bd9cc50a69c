// Bytes of nftables' messages, as `nft --debug=mnl` prints them for the same, and records back from them.
import { describe, expect, test } from '@jest/globals'
import { native } from '../../lib/native.js'
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
  const message = native.encodeNft('NFT_MSG_NEWRULE', { family: 'inet', table: 't', chain: 'c', expressions, flags: ['create', 'append'] })

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
    const [record] = native.decodeNft(message)
    expect(record).toMatchObject({ message: 'NFT_MSG_NEWRULE', family: 'inet', table: 't', chain: 'c' })
    expect(JSON.stringify(record!.expressions)).toEqual(JSON.stringify(expressions.map(withBuffers).map(sortedLike(record!.expressions!))))
  })

  test('with an expression that libnftnl does not know keeps the others', () => {
    const bytes = Buffer.from(message)
    bytes.write('cnp', bytes.indexOf('cmp'))
    const names = native.decodeNft(bytes)[0]!.expressions!.map(({ name }) => name)
    expect(names).toEqual(['meta', 'cnp', 'payload', 'cmp', 'immediate'])
  })

  test('of more than 128 expressions is refused, as are values longer than a register', () => {
    const one = { name: 'counter', packets: 0, bytes: 0 }
    const rule = (list: readonly { name: string }[]): unknown =>
      native.encodeNft('NFT_MSG_NEWRULE', { family: 'ip', table: 't', chain: 'c', expressions: list })
    expect(() => rule(Array.from({ length: 129 }, () => one))).toThrow('128')
    expect(() => rule([{ name: 'cmp', op: 'eq', sreg: 0, data: new Uint8Array(65) } as never])).toThrow('too long')
    expect(() =>
      native.encodeNft('NFT_MSG_NEWSET', { family: 'ip', table: 't', set: 's', fieldLengths: new Uint8Array(16).fill(4) }),
    ).toThrow('too long')
  })
})

function withBuffers(record: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key, value instanceof Uint8Array ? Buffer.from(value) : (value as unknown)]),
  )
}

/** The members in the order of the decoder's tables. */
function sortedLike(like: readonly object[]) {
  return (record: Record<string, unknown>, at: number): object =>
    Object.fromEntries(Object.keys(like[at]!).map((key) => [key, record[key]]))
}

describe('a transaction', () => {
  test('begins with the generation that it is for', () => {
    expect(words(native.encodeNftBatchBegin(7))).toEqual(
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
    expect(words(native.encodeNftBatchEnd())).toEqual(['14 00 00 00', '11 00 01 00', '00 00 00 00', '00 00 00 00', '00 00 00 0a'])
  })
})

describe('elements', () => {
  const keys = Uint8Array.of(10, 0, 0, 0, 11, 0, 0, 0)

  test('of an interval: its first key, and the first one behind it', () => {
    const [message, ...others] = native.encodeNftElements('NFT_MSG_NEWSETELEM', {
      family: 'ip',
      table: 't',
      set: 's',
      count: 2,
      keyLength: 4,
      keys,
      ends: Uint8Array.of(0, 1),
    })
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
    const count = 10_001
    const ends = Uint8Array.from({ length: count }, (_, at) => at % 2)
    const messages = native.encodeNftElements('NFT_MSG_NEWSETELEM', {
      family: 'ip',
      table: 't',
      set: 's',
      count,
      keyLength: 4,
      keys: new Uint8Array(4 * count),
      ends,
    })
    expect(messages.length).toBeGreaterThan(3)
    const decoded = messages.flatMap((message) => native.decodeNft(message))
    expect(decoded.reduce((sum, each) => sum + each.count!, 0)).toBe(count)
    for (const [at, message] of messages.entries()) {
      expect(message.length).toBeLessThan(0x10000)
      expect(decoded[at]!.ends![0]).toBe(0)
    }
  })

  test('of columns that are too short are refused', () => {
    expect(() =>
      native.encodeNftElements('NFT_MSG_NEWSETELEM', { family: 'ip', table: 't', set: 's', count: 3, keyLength: 4, keys }),
    ).toThrow('column')
  })
})
