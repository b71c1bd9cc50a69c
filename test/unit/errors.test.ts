// The one form of NetprimError's message, its members, and the cures.
import { describe, expect, test } from '@jest/globals'
import { NetprimError } from 'netprim'
import { closedError, during, isRefusal } from '../../lib/errors.js'
import { native } from '../../lib/native.js'

const eexist = { errno: -17, syscall: 'RTM_NEWLINK', operation: 'Veth.create', target: 'veth0' }

describe('NetprimError', () => {
  test.each([
    [eexist, "Veth.create 'veth0': EEXIST, file exists (RTM_NEWLINK)"],
    [{ ...eexist, detail: 'Some text of the kernel' }, "Veth.create 'veth0': EEXIST, file exists (RTM_NEWLINK: Some text of the kernel)"],
    [{ ...eexist, target: undefined }, 'Veth.create: EEXIST, file exists (RTM_NEWLINK)'],
    [{ ...eexist, detail: '' }, "Veth.create 'veth0': EEXIST, file exists (RTM_NEWLINK)"],
  ])('says it in one form: %j', (details, message) => {
    expect(new NetprimError(details).message).toBe(message)
  })

  test('has the members of the contract, and is an Error with a stack from here', () => {
    const cause = new Error('why')
    const error = new NetprimError({ ...eexist, detail: 'text', attribute: 'peer.mtu', cause })
    expect(error).toMatchObject({
      name: 'NetprimError',
      code: 'EEXIST',
      ...eexist,
      detail: 'text',
      attribute: 'peer.mtu',
      cause,
      suppressed: [],
    })
    expect(error).toBeInstanceOf(Error)
    expect(error.stack).toContain('errors.test.ts')
    expect(Object.prototype.toString.call(error)).toBe('[object Error]')
  })

  test.each<[number, string, string | undefined, RegExp]>([
    [-1, 'RTM_NEWLINK', undefined, /CAP_NET_ADMIN/],
    [-1, 'NFT_MSG_NEWRULE', undefined, /CAP_NET_ADMIN/],
    [-1, 'unshare', undefined, /CAP_SYS_ADMIN/],
    [-1, 'setns', undefined, /CAP_SYS_ADMIN/],
    [-13, 'open', undefined, /root|CAP_/],
    [-54, 'RTM_NEWLINK', undefined, /1,023 ports/],
    [-90, 'sendmsg', undefined, /wmem_max/],
    [-22, 'ioctl', undefined, /no network namespace/],
  ])('of %d from %s says the cure', (errno, syscall, detail, cure) => {
    expect(new NetprimError({ errno, syscall, operation: 'x', detail }).message).toMatch(cure)
  })

  test('without a known cause offers no cure', () => {
    expect(new NetprimError(eexist).message).not.toContain(';')
    expect(new NetprimError({ errno: -95, syscall: 'RTM_NEWADDR', operation: 'x', detail: 'Unknown device type' }).message).not.toContain(
      ';',
    )
  })
})

test.each([
  [-1, 'EPERM'],
  [-2, 'ENOENT'],
  [-17, 'EEXIST'],
  [-19, 'ENODEV'],
  [-22, 'EINVAL'],
  [-95, 'EOPNOTSUPP'],
  [-99, 'EADDRNOTAVAIL'],
  [-105, 'ENOBUFS'],
])('%d is %s', (errno, code) => {
  expect(native.describeErrno(errno).code).toBe(code)
  expect(native.describeErrno(errno).text).toMatch(/^[A-Z]/)
})

test.each([-4000, -12_345, 0, 1])('a number that is no error has a code all the same: %d', (errno) => {
  expect(typeof native.describeErrno(errno).code).toBe('string')
  expect(new NetprimError({ errno, syscall: 's', operation: 'o' }).message).toMatch(/^o: /)
})

describe('during', () => {
  test('tells a refusal as part of the larger operation, with the first as its cause', () => {
    const first = new NetprimError({
      ...eexist,
      syscall: 'RTM_NEWADDR',
      operation: 'addresses.add',
      target: '10.0.0.1/24',
      detail: 'text',
      attribute: 'address',
    })
    first.suppressed.push('second')
    expect(during(first, 'Bridge.create')).toMatchObject({
      operation: 'Bridge.create',
      target: '10.0.0.1/24',
      syscall: 'RTM_NEWADDR',
      detail: 'text',
      attribute: 'address',
      cause: first,
      suppressed: ['second'],
    })
    expect((during(first, 'Bridge.create', 'br0') as NetprimError).target).toBe('br0')
  })

  test('leaves what is no refusal as it is', () => {
    const other = closedError('thing')
    expect(during(other, 'x')).toBe(other)
  })
})

test('isRefusal looks at the code of a NetprimError alone', () => {
  expect(isRefusal(new NetprimError(eexist), 'ENOENT', 'EEXIST')).toBe(true)
  expect(isRefusal(new NetprimError(eexist), 'ENOENT')).toBe(false)
  expect(isRefusal(Object.assign(new Error('x'), { code: 'EEXIST' }), 'EEXIST')).toBe(false)
})
