// Netns.run and spawn: one synchronous call with this thread inside, and every thread back home afterwards.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, connect, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Netns } from 'netprim'
import { ip } from '../helpers/oracle.js'

let blue: Netns
let home: string
beforeAll(async () => {
  home = readlinkSync('/proc/self/ns/net')
  blue = await Netns.create()
  ip(blue, 'link', 'set', 'lo', 'up')
})
afterAll(() => blue.close())

const inside = (): string => `net:[${blue.inode}]`
const ownNamespace = (): string => readlinkSync('/proc/thread-self/ns/net')
const namespacesOfThreads = (): Set<string> =>
  new Set(readdirSync('/proc/self/task').map((thread) => readlinkSync(`/proc/self/task/${thread}/ns/net`)))

describe('run', () => {
  test('calls the function inside, returns what it returns, and is back', () => {
    expect(blue.run(() => ownNamespace())).toBe(inside())
    expect(ownNamespace()).toBe(home)
    const value = { some: 'object' }
    expect(blue.run(() => value)).toBe(value)
  })

  test('throws what the function throws, and is back', () => {
    const thrown = new Error('from inside')
    expect(() =>
      blue.run(() => {
        throw thrown
      }),
    ).toThrow(thrown)
    expect(() =>
      blue.run(() => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- whatever it is
        throw 'text'
      }),
    ).toThrow('text')
    expect(ownNamespace()).toBe(home)
  })

  test('inside run goes to the other and comes back to the first', async () => {
    await using green = await Netns.create()
    const seen = blue.run(() => [ownNamespace(), green.run(ownNamespace), ownNamespace(), blue.run(ownNamespace), ownNamespace()])
    expect(seen).toEqual([inside(), `net:[${green.inode}]`, inside(), inside(), inside()])
    expect(ownNamespace()).toBe(home)
  })

  test('lets the handle of the thread’s own namespace be everybody’s still', async () => {
    const own = Netns.current()
    const inside = blue.run(() => Netns.current())
    expect([inside.inode, Netns.current()]).toEqual([blue.inode, own])
    await own.close()
    expect(own.fd).toBeGreaterThan(0)
  })

  test('with what looks like a failure as its value returns it', () => {
    expect(blue.run(() => ({ syscall: 'none', errno: 0 }))).toEqual({ syscall: 'none', errno: 0 })
  })

  test('leaves no thread behind in the namespace, though operations and file reads were begun inside', async () => {
    const begun = blue.run(() => [Netns.create(), Netns.create(), blue.links.list(), readFile('/proc/self/status')])
    const [one, two] = (await Promise.all(begun)) as [Netns, Netns]
    expect(namespacesOfThreads()).toEqual(new Set([home]))
    await Promise.all([one.close(), two.close()])
  })

  test('gives a server that listens in it to the namespace', async () => {
    const server = blue.run(() => createServer((socket) => socket.end('hello')).listen(0))
    if (!server.listening) await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    expect(blue.run(() => execFileSync('ss', ['-Hltn', `sport = :${port}`], { encoding: 'utf8' }))).toContain(`:${port}`)
    expect(execFileSync('ss', ['-Hltn', `sport = :${port}`], { encoding: 'utf8' })).toBe('')
    const outside = connect(port, '127.0.0.1')
    const [error] = (await once(outside, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ECONNREFUSED')
    server.close()
  })

  test('of an async function is back at its first await', async () => {
    const seen = await blue.run(async () => {
      const first = ownNamespace()
      await Promise.resolve()
      return [first, ownNamespace()]
    })
    expect(seen).toEqual([inside(), home])
  })
})

describe('spawn', () => {
  test('starts a real child process inside', async () => {
    const child = blue.spawn('readlink', ['/proc/self/ns/net'], { stdio: ['ignore', 'pipe', 'inherit'] })
    const chunks: Buffer[] = []
    child.stdout!.on('data', (chunk: Buffer) => chunks.push(chunk))
    const [code] = (await once(child, 'close')) as [number]
    expect([code, Buffer.concat(chunks).toString().trim()]).toEqual([0, inside()])
  })

  test('of a program that isn’t there is an error event, as of child_process', async () => {
    const child = blue.spawn('np-no-such-program')
    const [error] = (await once(child, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ENOENT')
    expect(ownNamespace()).toBe(home)
  })

  test('does not hand the library’s descriptors to the child', async () => {
    await blue.links.list()
    const listing = blue.run(() => execFileSync('ls', ['-l', '/proc/self/fd'], { encoding: 'utf8' }))
    const beyondStdio = listing.split('\n').filter((line) => !/ [012] -> /.test(line))
    expect(beyondStdio.join('\n')).not.toMatch(/net:\[|socket:/)
    for (const fd of readdirSync('/proc/self/fd')) {
      let target: string
      try {
        target = readlinkSync(`/proc/self/fd/${fd}`)
      } catch {
        continue // the directory's own
      }
      if (!target.startsWith('net:[')) continue
      const flags = /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))![1]!
      expect(parseInt(flags, 8) & 0o2000000).not.toBe(0)
    }
  })
})
