// Two processes at work on one network, which nothing but the kernel tells of one another: each address and each port goes to one.
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { createBridgeNetwork, Netns, type BridgeNetwork } from 'netprim'
import { rulesetOf } from '../helpers/bridge-world.js'
import { ipJson } from '../helpers/oracle.js'
import { compiledEntry } from '../helpers/program.js'

/** Adopts the network; at each line of its input, attaches so many containers at once and prints what became of each. */
const worker = `
  const [entry, path, name] = process.argv.slice(1)
  const { Netns, createBridgeNetwork } = require(entry)
  const say = (value) => console.log(JSON.stringify(value))
  void (async () => {
    const netns = await Netns.open({ path })
    const net = await createBridgeNetwork({ netns, name: 'net' })
    say('ready')
    for await (const line of require('node:readline').createInterface({ input: process.stdin })) {
      const options = JSON.parse(line)
      const containers = await Promise.all(options.map(() => Netns.create()))
      const ends = await Promise.allSettled(options.map((one, at) => net.attach(containers[at], one)))
      say(ends.map(({ value, reason }) => value ? value.addresses[0] : { code: reason.code, attribute: reason.attribute, detail: reason.detail }))
    }
  })()
`

let entry: string
let host: Netns
let net: BridgeNetwork
let workers: Worker[]
beforeAll(() => {
  entry = compiledEntry()
}, 60_000)
beforeEach(async () => {
  host = await Netns.create()
  net = await createBridgeNetwork({ netns: host, name: 'net', subnet: '172.30.0.0/24' })
  workers = await Promise.all([start(), start()])
})
afterEach(async () => {
  await Promise.all(workers.map(({ process: child }) => (child.kill(), once(child, 'exit'))))
  await host.close()
})

interface Worker {
  readonly process: ChildProcess
  /** Attaches a container with each of these options; gives addresses, or errors. */
  readonly attach: (options: readonly object[]) => Promise<unknown[]>
}

async function start(): Promise<Worker> {
  const child = spawn(process.execPath, ['-e', worker, entry, host.path, 'net'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<unknown[]> => JSON.parse(String((await lines.next()).value)) as unknown[]
  await next()
  return { process: child, attach: (options) => (child.stdin.write(`${JSON.stringify(options)}\n`), next()) }
}

/** Both workers attach at once; what each of them was told. */
function attachBoth(ofOne: readonly object[], ofOther: readonly object[]): Promise<unknown[][]> {
  return Promise.all([workers[0]!.attach(ofOne), workers[1]!.attach(ofOther)])
}

const elements = (set: string): unknown[] =>
  rulesetOf(host)
    .flatMap((one) => [one['set'], one['map']] as ({ name: string; elem?: unknown[] } | undefined)[])
    .find((one) => one?.name === set)?.elem ?? []

test('automatic addresses: none is given to two', async () => {
  const many = Array.from({ length: 40 }, () => ({}))
  const told = (await attachBoth(many, many)).flat()
  expect(told).toHaveLength(80)
  for (const address of told) expect(address).toMatch(/^172\.30\.0\.\d+\/24$/)
  expect(new Set(told).size).toBe(80)
  expect(elements('addresses')).toHaveLength(80)
  expect(ipJson(host, 'link', 'show', 'master', net.bridge.name)).toHaveLength(80)
  expect((await net.inspect()).endpoints.map(({ address }) => address).sort()).toEqual(told.sort())
})

test('the same port: one wins, the other is told by whom it is published, and has left nothing', async () => {
  for (let round = 0; round < 10; round++) {
    const publish = [{ hostPort: 8000 + round, port: 80 }]
    const told = await attachBoth([{ name: `one${round}`, publish }], [{ name: `two${round}`, publish }])
    const [refusals, winners] = [told.flat().filter((one) => typeof one === 'object'), told.flat().filter((one) => typeof one === 'string')]
    expect([refusals.length, winners.length]).toEqual([1, 1])
    const winner = typeof told[0]![0] === 'string' ? 'one' : 'two'
    expect(refusals[0]).toEqual({
      code: 'EEXIST',
      attribute: 'publish',
      detail: `tcp port ${8000 + round} is published by net/${winner}${round}`,
    })
    expect([elements('published').length, elements('addresses').length]).toEqual([round + 1, round + 1])
  }
})

test('the same port, at every address and at one: one wins', async () => {
  for (let round = 0; round < 10; round++) {
    const told = await attachBoth(
      [{ publish: [{ hostPort: 9000 + round }] }],
      [{ publish: [{ hostPort: 9000 + round, hostIp: '127.0.0.1' }] }],
    )
    expect(told.flat().filter((one) => typeof one === 'string')).toHaveLength(1)
    expect(elements('published').length + elements('published_at').length).toBe(round + 1)
  }
})

test('the same address, asked for by both: one has it', async () => {
  const told = await attachBoth([{ ip: '172.30.0.99' }], [{ ip: '172.30.0.99' }])
  expect(told.flat()).toEqual(expect.arrayContaining(['172.30.0.99/24', expect.objectContaining({ code: 'EEXIST', attribute: 'ip' })]))
})
