// What goes to the kernel, as strace sees it: no process, the fewest datagrams, one for each end of a pair.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { compiledEntry } from '../helpers/program.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'netprim-strace-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/**
 * Runs a program in throw-away namespaces of its own (`host`, `blue`) under strace. What stands between mark('name') and the next
 * mark is that name's: a mark is a write to a descriptor that is not open.
 */
function traced(body: string): Map<string, string[]> {
  const program = `
    const { Netns, Link, Veth, Bridge, NetprimError } = require(process.argv[1])
    const { writeSync } = require('node:fs')
    const mark = (name) => { try { writeSync(999, 'mark:' + name) } catch {} }
    void (async () => {
      const [host, blue] = await Promise.all([Netns.create(), Netns.create()])
      await Promise.all([host.links.list(), blue.links.list()])
      ${body}
      mark('end')
      await Promise.all([host.close(), blue.close()])
    })()`
  const log = path.join(folder, 'trace')
  const run = spawnSync(
    'strace',
    ['-f', '-qq', '-s', '4096', '-e', 'trace=%process,%network,write', '-o', log, process.execPath, '-e', program, compiledEntry()],
    { encoding: 'utf8' },
  )
  if (run.status !== 0) throw new Error(run.stderr)
  const spans = new Map<string, string[]>([['start', []]])
  let span = 'start'
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    const name = /write\(999, "mark:([^"]*)"/.exec(line)?.[1]
    if (name === undefined) spans.get(span)!.push(line)
    else spans.set((span = name), [])
  }
  return spans
}

/** strace does not know the protocol of a socket that another namespace has, and shows numbers (linux/rtnetlink.h). */
const names: Readonly<Record<string, string>> = {
  '0x10': 'RTM_NEWLINK',
  '0x11': 'RTM_DELLINK',
  '0x12': 'RTM_GETLINK',
  '0x14': 'RTM_NEWADDR',
  '0x18': 'RTM_NEWROUTE',
  '0x1c': 'RTM_NEWNEIGH',
}

/** The datagrams sent to the kernel: the socket of each, and the types of its messages. */
function datagrams(lines: readonly string[]): { socket: string; types: string[] }[] {
  return lines.flatMap((line) => {
    const socket = /\bsendmsg\((\d+), \{msg_name=\{sa_family=AF_NETLINK/.exec(line)?.[1] ?? /\bsendto\((\d+), .*AF_NETLINK/.exec(line)?.[1]
    return socket === undefined
      ? []
      : [{ socket, types: [...line.matchAll(/nlmsg_type=(\w+)/g)].map((match) => names[match[1]!] ?? match[1]!) }]
  })
}

describe('under strace', () => {
  test('a pair across two namespaces is one datagram, and one more in the peer’s when that comes up with an address', () => {
    const spans = traced(`
      mark('plain')
      await Veth.create({ netns: host, name: 'a0', up: true, peer: { name: 'a1', netns: blue } })
      mark('configured')
      await Veth.create({ netns: host, name: 'b0', up: true, peer: { name: 'b1', netns: blue, up: true, addresses: ['10.0.0.1/24', '10.0.1.1/24'] } })
      mark('bridged')
      const bridge = await Bridge.create({ netns: host, name: 'br0', up: true })
      mark('port')
      await Veth.create({ netns: host, name: 'c0', up: true, master: bridge, mtu: 1400, peer: { name: 'c1', netns: blue } })`)
    expect(datagrams(spans.get('plain')!).map(({ types }) => types)).toEqual([['RTM_NEWLINK']])
    const configured = datagrams(spans.get('configured')!)
    expect(configured.map(({ types }) => types)).toEqual([['RTM_NEWLINK'], ['RTM_NEWADDR', 'RTM_NEWADDR', 'RTM_NEWLINK']])
    expect(configured[1]!.socket).not.toBe(configured[0]!.socket)
    expect(datagrams(spans.get('bridged')!).map(({ types }) => types)).toEqual([['RTM_NEWLINK']])
    expect(datagrams(spans.get('port')!).map(({ types }) => types)).toEqual([['RTM_NEWLINK']])
  })

  test('100 operations asked for in one tick are a few datagrams, in the order of the calls', () => {
    const spans = traced(`
      const bridge = await Bridge.create({ netns: host, name: 'br0', up: true, addresses: ['10.0.0.1/16'] })
      mark('routes')
      await host.routes.add(Array.from({ length: 100 }, (_, at) => ({ to: '10.1.0.' + at, via: '10.0.0.2' })))
      mark('mixed')
      await Promise.all(Array.from({ length: 50 }, (_, at) => [
        host.neighbours.add({ address: '10.0.1.' + at, link: bridge, mac: '02:00:00:00:00:01' }), bridge.addresses.add('10.2.0.' + at + '/32'),
      ]).flat())`)
    const routes = datagrams(spans.get('routes')!)
    expect(routes.flatMap(({ types }) => types)).toEqual(Array(100).fill('RTM_NEWROUTE'))
    expect(routes.length).toBeLessThanOrEqual(4)
    const mixed = datagrams(spans.get('mixed')!)
    expect(mixed.flatMap(({ types }) => types)).toEqual(Array(50).fill(['RTM_NEWNEIGH', 'RTM_NEWADDR']).flat())
    expect(mixed.length).toBeLessThanOrEqual(4)
  })

  test('deleting many links together is a group’s, in a few datagrams', () => {
    const spans = traced(`
      const veths = await Promise.all(Array.from({ length: 50 }, (_, at) => Veth.create({ netns: host, name: 'v' + at, peer: { netns: blue } })))
      mark('delete')
      await Link.deleteAll(veths)`)
    const sent = datagrams(spans.get('delete')!)
    expect(sent.length).toBeLessThanOrEqual(2)
    expect(sent.flatMap(({ types }) => types).filter((type) => type === 'RTM_DELLINK')).toHaveLength(1)
  })

  test('of a container that is kept ready one datagram says whose it is', () => {
    const spans = traced(`
      const { createBridgeNetwork } = require(process.argv[1])
      const net = await createBridgeNetwork({ netns: host, name: 'net', subnet: '172.30.0.0/24', pool: 1 })
      mark('take')
      const app = await net.attachNew()
      mark('rest')
      await net.destroy()
      await app.netns.close()`)
    expect(datagrams(spans.get('take')!).map(({ types }) => types)).toEqual([['RTM_NEWLINK', 'RTM_GETLINK']])
  })

  test('no process is started, and no other thread of the process changes its namespace than one that ends', () => {
    const all = [
      ...traced(`
      const bridge = await Bridge.create({ netns: host, name: 'br0', up: true, addresses: ['10.0.0.1/24'] })
      const veth = await Veth.create({ netns: host, name: 'v0', master: bridge, peer: { netns: blue, name: 'v1', up: true, addresses: ['10.0.0.2/24'] } })
      await blue.routes.add({ to: 'default', via: '10.0.0.1' }); await blue.routes.list(); await blue.neighbours.list(); await blue.addresses.list()
      await blue.sysctl.set('net.ipv4.ip_forward', 1); await veth.set({ mtu: 1400 }); await veth.refresh(); await veth.peer.set({ up: false })
      const pinned = await Netns.create('np-test-strace-' + process.pid); await pinned.delete(); await Link.deleteAll([veth, bridge])`).values(),
    ].flat()
    const threads = all.filter((line) => /\bclone3?\(/.test(line) && !line.includes('resumed'))
    expect(threads.length).toBeGreaterThan(0)
    expect(threads.filter((line) => !line.includes('CLONE_THREAD'))).toEqual([])
    // The one execve is strace's own, of node.
    expect(all.filter((line) => /\b(fork|vfork|execve|execveat)\(/.test(line))).toHaveLength(1)
    expect(all.filter((line) => /\bsocket\(AF_NETLINK/.test(line) && !line.includes('SOCK_CLOEXEC'))).toEqual([])
  })
})
