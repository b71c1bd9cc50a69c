// A tour of namespaces: settings and messages in their order, up to where something is refused.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Netns } from 'netprim'
import { linkIn, linkRequest } from '../../lib/link-record.js'
import { setUpRequests } from '../../lib/links/create-link.js'
import { tour } from '../../lib/tour.js'
import { refusal } from '../helpers/errors.js'
import { ipLink, runIn } from '../helpers/oracle.js'

let blue: Netns
let red: Netns
beforeEach(async () => {
  ;[blue, red] = await Promise.all([Netns.create(), Netns.create()])
})
afterEach(() => Promise.all([blue.close(), red.close()]))

const asking = { operation: 'test' }
const read = linkRequest(1, asking)
const [up] = setUpRequests(1, { up: true }, asking)
const ttl = (value: string): { path: string; value: string } => ({ path: '/proc/sys/net/ipv4/ip_default_ttl', value })
const ttlOf = (netns: Netns): string => runIn(netns, 'cat', '/proc/sys/net/ipv4/ip_default_ttl').trim()
const isUp = (netns: Netns): boolean => ipLink(netns, 'lo').flags.includes('UP')

test('each stop is made in its namespace, and each request has its own answer', async () => {
  const [first, second, third] = await tour([
    { netns: blue, settings: [ttl('44')], requests: [read, up!, read] },
    { netns: red, settings: [ttl('45')], requests: [read] },
    { netns: blue, settings: [ttl('46')], requests: [read] },
  ])
  expect([ttlOf(blue), ttlOf(red), isUp(blue), isUp(red)]).toEqual(['46', '45', true, false])
  expect([first![0]!, first![2]!, second![0]!, third![0]!].map((reply) => linkIn(reply).up)).toEqual([false, true, false, true])
  expect(first![1]!.length).toBe(0)
})

test('a setting that there is no file of is left out', async () => {
  const settings = [{ path: '/proc/sys/net/ipv4/nosuch', value: '1' }, ttl('44')]
  await tour([{ netns: blue, settings, requests: [up!] }])
  expect([ttlOf(blue), isUp(blue)]).toEqual(['44', true])
})

test('a setting that cannot be written ends it before the message, and is named', async () => {
  const error = await refusal(
    tour([
      { netns: blue, settings: [ttl('44')], requests: [up!] },
      { netns: red, settings: [ttl('0')], requests: [up!] },
      { netns: blue, settings: [ttl('45')], requests: [read] },
    ]),
  )
  expect(error).toMatchObject({ code: 'EINVAL', syscall: 'write', operation: 'test', target: 'net.ipv4.ip_default_ttl' })
  expect([ttlOf(blue), isUp(blue), isUp(red)]).toEqual(['44', true, false])
})

test('a message that is refused ends it behind its datagram, and is named', async () => {
  const wrong = linkRequest(77, asking)
  const error = await refusal(
    tour([
      { netns: blue, requests: [read, wrong, up!] },
      { netns: red, requests: [up!] },
    ]),
  )
  expect(error).toMatchObject({ code: 'ENODEV', syscall: 'RTM_GETLINK', operation: 'test', target: '77' })
  expect([isUp(blue), isUp(red)]).toEqual([true, false])
})
