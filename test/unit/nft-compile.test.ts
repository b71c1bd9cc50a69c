// Statements compiled to the expressions that `nft --debug=netlink` prints for the same rule, and complaints about wrong ones.
import { describe, expect, test } from '@jest/globals'
import { nft } from '../../lib/nft/builders.js'
import { Batch } from '../../lib/nft/batch.js'
import { parseCommand } from '../../lib/nft/commands.js'
import type { ExpressionRecord } from '../../lib/nft/records.js'
import { decodeElements, decodeRules, encodeNft } from '../../lib/nft/messages.js'
import type { NftFamily, NftStatement } from '../../lib/nft/types.js'

/** An expression in one line: its name and its fields. */
function line({ name, ...fields }: ExpressionRecord): string {
  const shown = Object.entries(fields).map(
    ([key, value]) => `${key}=${value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value)}`,
  )
  return sorted([name, ...shown].join(' '))
}

/** The fields of an expression have no order. */
function sorted(text: string): string {
  const [name, ...fields] = text.split(/ (?=\w+=)/)
  return [name, ...fields.sort()].join(' ')
}

function messages(...commands: unknown[]): readonly Uint8Array[] {
  const batch = new Batch(new Map(), new Map([[1, 'lo']]))
  Array.from(batch.compile(commands.flatMap((item, index) => parseCommand(item, index) ?? [])))
  return batch.messages
}

function compiled(family: NftFamily, ...statements: NftStatement[]): string[] {
  const last = messages(nft.rule(family, 't', 'c', statements)).at(-1)!
  return decodeRules(last)[0]!.expressions!.map(line)
}

describe('a match', () => {
  test.each<[string, NftStatement, string[]]>([
    ['meta key', nft.match('oifname', '!=', 'br0'), ['meta key=oifname dreg=0', 'cmp op=neq sreg=0 data=62723000000000000000000000000000']],
    ['wildcard', nft.match('iifname', 'eth*'), ['meta key=iifname dreg=0', 'cmp op=eq sreg=0 data=657468']],
    ['interface index', nft.match('iif', 'lo'), ['meta key=iif dreg=0', 'cmp op=eq sreg=0 data=01000000']],
    [
      'flags',
      nft.match('ct state', ['established', 'related']),
      ['ct key=state dreg=0', 'bitwise op=bool sreg=0 dreg=0 len=4 mask=06000000 xor=00000000', 'cmp op=neq sreg=0 data=00000000'],
    ],
    ['route', nft.match('fib daddr type', 'local'), ['fib flags=daddr result=type dreg=0', 'cmp op=eq sreg=0 data=02000000']],
    [
      'order of machine integers',
      nft.match('meta mark', '>', 5),
      ['meta key=mark dreg=0', 'byteorder op=hton sreg=0 dreg=0 len=4 size=4', 'cmp op=gt sreg=0 data=00000005'],
    ],
  ])('%s', (_name, statement, expected) => {
    expect(compiled('inet', statement)).toEqual(expected.map(sorted))
  })

  const ipv4 = ['meta key=nfproto dreg=0', 'cmp op=eq sreg=0 data=02']
  const tcp = ['meta key=l4proto dreg=0', 'cmp op=eq sreg=0 data=06']

  test.each<[string, NftStatement, string[]]>([
    [
      'address',
      nft.match('ip saddr', '1.2.3.4'),
      [...ipv4, 'payload base=network offset=12 len=4 dreg=0', 'cmp op=eq sreg=0 data=01020304'],
    ],
    [
      'prefix of whole bytes',
      nft.match('ip daddr', '127.0.0.0/8'),
      [...ipv4, 'payload base=network offset=16 len=1 dreg=0', 'cmp op=eq sreg=0 data=7f'],
    ],
    [
      'other prefix',
      nft.match('ip saddr', '172.16.0.0/12'),
      [
        ...ipv4,
        'payload base=network offset=12 len=4 dreg=0',
        'bitwise op=bool sreg=0 dreg=0 len=4 mask=fff00000 xor=00000000',
        'cmp op=eq sreg=0 data=ac100000',
      ],
    ],
    [
      'range',
      nft.match('tcp dport', '80-90'),
      [...tcp, 'payload base=transport offset=2 len=2 dreg=0', 'cmp op=gte sreg=0 data=0050', 'cmp op=lte sreg=0 data=005a'],
    ],
    [
      'range, inverted',
      nft.match('tcp dport', '!=', '80-90'),
      [...tcp, 'payload base=transport offset=2 len=2 dreg=0', 'range op=neq sreg=0 from=0050 to=005a'],
    ],
    [
      'bits',
      nft.match('ip dscp', 'cs1'),
      [
        ...ipv4,
        'payload base=network offset=1 len=1 dreg=0',
        'bitwise op=bool sreg=0 dreg=0 len=1 mask=fc xor=00',
        'cmp op=eq sreg=0 data=20',
      ],
    ],
    [
      'anonymous set',
      nft.match('tcp dport', [22, 80]),
      [...tcp, 'payload base=transport offset=2 len=2 dreg=0', 'lookup set=__set%d setId=1 sreg=0'],
    ],
    [
      'concatenation',
      nft.match('ip saddr . tcp dport', [nft.concat('1.2.3.4', 22)]),
      [
        ...ipv4,
        ...tcp,
        'payload base=network offset=12 len=4 dreg=0',
        'payload base=transport offset=2 len=2 dreg=1',
        'lookup set=__set%d setId=1 sreg=0',
      ],
    ],
  ])('%s, with the protocols that it needs', (_name, statement, expected) => {
    expect(compiled('inet', statement)).toEqual(expected.map(sorted))
  })

  test('needs a protocol once, and not where the table has no other', () => {
    expect(
      compiled('ip', nft.match('ip saddr', '1.2.3.4'), nft.match('tcp dport', 1), nft.match('tcp flags', '==', 'syn')).filter((each) =>
        each.startsWith('meta'),
      ),
    ).toEqual([sorted('meta key=l4proto dreg=0')])
  })

  test('of neighbouring fields is made at once', () => {
    expect(compiled('ip', nft.match('tcp sport', 1), nft.match('tcp dport', 2))).toEqual(
      [...tcp, 'payload base=transport offset=0 len=4 dreg=0', 'cmp op=eq sreg=0 data=00010002'].map(sorted),
    )
    expect(compiled('ip', nft.match('ip saddr', '1.1.1.1'), nft.match('ip daddr', '2.2.2.2'))).toHaveLength(4)
  })
})

describe('NAT', () => {
  test('to an address and port', () => {
    expect(compiled('ip', nft.match('meta l4proto', 'tcp'), nft.dnat({ addr: '10.0.0.1', port: 80 })).slice(2)).toEqual(
      [
        'immediate dreg=0 data=0a000001',
        'immediate dreg=4 data=0050',
        'nat type=dnat family=ip addrMin=0 protoMin=4 flags=proto-specified',
      ].map(sorted),
    )
  })

  test('to what a map gives', () => {
    const map = nft.lookup('tcp dport', nft.anonymous([[80, nft.concat('10.0.0.1', 8080)]]))
    expect(compiled('inet', nft.dnat({ family: 'ip', addr: map })).slice(2)).toEqual(
      [
        'payload base=transport offset=2 len=2 dreg=0',
        'lookup set=__map%d setId=1 sreg=0 dreg=0',
        'nat type=dnat family=ip addrMin=0 protoMin=1',
      ].map(sorted),
    )
  })

  test('masquerade', () => {
    expect(compiled('ip', nft.masquerade())).toEqual(['masq'].map(sorted))
    expect(compiled('ip', nft.masquerade({ flags: ['random', 'persistent'] }))).toEqual(['masq flags=random,persistent'].map(sorted))
  })
})

describe('what is wrong is said by its place, before anything is sent', () => {
  const rule = (...expr: unknown[]): unknown => ({ rule: { family: 'inet', table: 't', chain: 'c', expr } })
  const match = (left: unknown, right: unknown, op = '=='): unknown => ({ match: { op, left, right } })
  const dport = { payload: { protocol: 'tcp', field: 'dport' } }
  const saddr = { payload: { protocol: 'ip', field: 'saddr' } }

  test.each<[string, unknown, string, string]>([
    ['a command', { adds: {} }, 'nftables[0]', 'ERR_INVALID_ARG_VALUE'],
    ['an object', { add: { tables: {} } }, 'nftables[0].add', 'ERR_INVALID_ARG_VALUE'],
    ['a key', { add: { table: { family: 'ip', name: 't', x: 1 } } }, 'nftables[0].add.table.x', 'ERR_INVALID_ARG_VALUE'],
    ['a family', { table: { family: 'ipv4', name: 't' } }, 'nftables[0].table.family', 'ERR_INVALID_ARG_VALUE'],
    ['a statement', rule({ jumps: 1 }), 'nftables[0].rule.expr[0]', 'ERR_INVALID_ARG_VALUE'],
    ['a meta key', rule(match({ meta: { key: 'foo' } }, 1)), 'nftables[0].rule.expr[0].match.left.meta.key', 'ERR_INVALID_ARG_VALUE'],
    [
      'a header',
      rule(match({ payload: { protocol: 'ipx', field: 'x' } }, 1)),
      'nftables[0].rule.expr[0].match.left.payload.protocol',
      'ERR_INVALID_ARG_VALUE',
    ],
    [
      'a field',
      rule(match({ payload: { protocol: 'ip', field: 'x' } }, 1)),
      'nftables[0].rule.expr[0].match.left.payload.field',
      'ERR_INVALID_ARG_VALUE',
    ],
    ['an operator', rule(match(dport, 1, '=')), 'nftables[0].rule.expr[0].match.op', 'ERR_INVALID_ARG_VALUE'],
    ['a port', rule(match(dport, 70_000)), 'nftables[0].rule.expr[0].match.right', 'ERR_OUT_OF_RANGE'],
    ['a range', rule(match(dport, { range: [2, 1] })), 'nftables[0].rule.expr[0].match.right.range', 'ERR_INVALID_ARG_VALUE'],
    ['an address', rule(match(saddr, '1.2.3')), 'nftables[0].rule.expr[0].match.right', 'ERR_INVALID_ARG_VALUE'],
    [
      'a prefix',
      rule(match(saddr, { prefix: { addr: '1.2.3.4', len: 33 } })),
      'nftables[0].rule.expr[0].match.right.prefix.len',
      'ERR_OUT_OF_RANGE',
    ],
    ['a word', rule(match({ ct: { key: 'state' } }, 'old', 'in')), 'nftables[0].rule.expr[0].match.right', 'ERR_INVALID_ARG_VALUE'],
    [
      'two protocols',
      rule(match(saddr, '1.2.3.4'), match({ payload: { protocol: 'ip6', field: 'hoplimit' } }, 1)),
      'nftables[0].rule.expr[1].match.left',
      'ERR_INVALID_ARG_VALUE',
    ],
    ['a port without its protocol', rule({ redirect: { port: 80 } }), 'nftables[0].rule.expr[0].redirect.port', 'ERR_INVALID_ARG_VALUE'],
    ['a family that is missing', rule({ dnat: { addr: '1.2.3.4' } }), 'nftables[0].rule.expr[0].dnat.family', 'ERR_INVALID_ARG_VALUE'],
    [
      'a comment',
      { rule: { family: 'ip', table: 't', chain: 'c', expr: [], comment: 'x'.repeat(128) } },
      'nftables[0].rule.comment',
      'ERR_OUT_OF_RANGE',
    ],
    ['a type', { set: { family: 'ip', table: 't', name: 's', type: 'ipv4' } }, 'nftables[0].set.type', 'ERR_INVALID_ARG_VALUE'],
    [
      'an element',
      { set: { family: 'ip', table: 't', name: 's', type: 'ipv4_addr', elem: ['1.2.3.4', 'x'] } },
      'nftables[0].set.elem[1]',
      'ERR_INVALID_ARG_VALUE',
    ],
    [
      'an element of many',
      {
        set: {
          family: 'ip',
          table: 't',
          name: 's',
          type: 'inet_service',
          elem: Array.from({ length: 3000 }, (_, at) => (at === 2500 ? 'x' : at)),
        },
      },
      'nftables[0].set.elem[2500]',
      'ERR_INVALID_ARG_VALUE',
    ],
    [
      'a range without the flag',
      { set: { family: 'ip', table: 't', name: 's', type: 'ipv4_addr', elem: [{ prefix: { addr: '1.0.0.0', len: 8 } }] } },
      'nftables[0].set.elem[0]',
      'ERR_INVALID_ARG_VALUE',
    ],
    [
      'an overlap',
      {
        set: {
          family: 'ip',
          table: 't',
          name: 's',
          type: 'ipv4_addr',
          flags: 'interval',
          elem: [{ prefix: { addr: '1.0.0.0', len: 8 } }, '1.2.3.4'],
        },
      },
      'nftables[0].set.elem[1]',
      'ERR_INVALID_ARG_VALUE',
    ],
    [
      'two statements for each element',
      { set: { family: 'ip', table: 't', name: 's', type: 'ipv4_addr', stmt: [{ counter: null }, { counter: null }] } },
      'nftables[0].set.stmt',
      'ERR_INVALID_ARG_VALUE',
    ],
    [
      'a priority',
      { chain: { family: 'ip', table: 't', name: 'c', type: 'nat', hook: 'input', prio: 'early' } },
      'nftables[0].chain.prio',
      'ERR_INVALID_ARG_VALUE',
    ],
  ])('%s', (_name, command, place, code) => {
    expect(() => messages(command)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(`'${place}'`) }))
  })
})

/** The message as the kernel would tell of what it deletes. */
function asTold(message: Uint8Array): Uint8Array {
  const [, , , , type = 0] = encodeNft('NFT_MSG_NEWSETELEM', { family: 'ip' })
  return Uint8Array.from(message, (byte, at) => (at === 4 ? type : byte))
}

test('of a long list every element is told once, in its order, also where a rest of two is left', () => {
  const numbers = Array.from({ length: 2002 }, (_, at) => at)
  const map = { family: 'ip', table: 't', name: 'm', type: 'inet_service', map: 'mark' }
  const [, ...told] = messages({ add: { map } }, { delete: { element: { family: 'ip', table: 't', name: 'm', elem: numbers } } })
  const keys = told.flatMap((message) => decodeElements(asTold(message))).map(({ key }) => Buffer.from(key!).readUInt16BE())
  expect(keys).toEqual(numbers)
})
