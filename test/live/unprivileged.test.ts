// Without privilege: reading works, and writing is refused with an error that says which capability is missing.
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Bridge, Netns } from 'netprim'
import { compiledLibrary } from '../helpers/program.js'
import { ip, uniqueName } from '../helpers/oracle.js'

type Answer = { value: unknown } | { error: { name: string; code: string; message: string; operation?: string; syscall?: string } }

let host: Netns
let foreign: Netns
let library: string
let answers: Record<string, Answer>
const pinned = uniqueName()

const program = `
  const { Netns, Link, Bridge, Veth } = require(process.argv[1])
  process.setgroups([]); process.setgid(65534); process.setuid(65534)
  const here = Netns.current()
  const asked = {
    links: () => here.links.list().then((links) => links.map((link) => link.name)),
    link: () => Link.get('br0').then((link) => link.kind),
    addresses: () => here.addresses.list({ family: 'ipv4' }).then((list) => list.map((one) => one.address)),
    routes: () => here.routes.list({ family: 'ipv4' }).then((list) => list.map((one) => one.to)),
    route: () => here.routes.get('10.0.0.9').then((route) => route.src),
    neighbours: () => here.neighbours.list().then((list) => list.map((one) => one.address)),
    sysctl: () => here.sysctl.get('net.ipv4.ip_default_ttl'),
    list: () => Netns.list().then((names) => names.includes(${JSON.stringify(pinned)})),
    inode: async () => here.inode,
    'Bridge.create': () => Bridge.create({ name: 'br9' }),
    'Veth.create': () => Veth.create({ name: 'v9' }),
    'Link.set': () => Link.get('br0').then((link) => link.set({ mtu: 1400 })),
    'Link.delete': () => Link.get('br0').then((link) => link.delete()),
    'addresses.add': () => here.addresses.add({ address: '10.9.9.9/32', link: 'lo' }),
    'routes.add': () => here.routes.add({ to: '10.9.9.0/24', via: '10.0.0.2' }),
    'neighbours.add': () => here.neighbours.add({ address: '10.0.0.7', link: 'br0', mac: '02:00:00:00:00:07' }),
    'sysctl.set': () => here.sysctl.set('net.ipv4.ip_default_ttl', 9),
    'Netns.create': () => Netns.create(),
    'Netns.create named': () => Netns.create('np-unprivileged'),
    'Netns.delete': () => Netns.open(${JSON.stringify(pinned)}).then((netns) => netns.delete()),
    'Netns.run': () => Netns.open(${JSON.stringify(pinned)}).then((netns) => netns.run(() => 1)),
    'foreign links': () => Netns.open(${JSON.stringify(pinned)}).then((netns) => netns.links.list()).then((links) => links.length),
    'foreign process': () => Netns.open({ pid: 1 }),
  }
  const told = ({ name, code, message, operation, syscall }) => ({ name, code, message, operation, syscall })
  void (async () => {
    const answers = {}
    for (const [name, ask] of Object.entries(asked)) {
      answers[name] = await ask().then((value) => ({ value: typeof value === 'object' && !Array.isArray(value) ? null : value }), (error) => ({ error: told(error) }))
    }
    process.stdout.write(JSON.stringify(answers))
  })()`

beforeAll(async () => {
  // Where nobody may read.
  library = mkdtempSync(path.join(tmpdir(), 'netprim-nobody-'))
  chmodSync(library, 0o755)
  cpSync(compiledLibrary(), library, { recursive: true, dereference: true })
  ;[host, foreign] = await Promise.all([Netns.create(), Netns.create(pinned)])
  await Bridge.create({ netns: host, name: 'br0', up: true, addresses: ['10.0.0.1/24'] })
  ip(host, 'neighbour', 'add', '10.0.0.8', 'dev', 'br0', 'lladdr', '02:00:00:00:00:08')
  const run = host.run(() =>
    spawnSync(process.execPath, ['-e', program, path.join(library, 'dist/index.js')], { encoding: 'utf8', cwd: '/' }),
  )
  if (run.status !== 0) throw new Error(run.stderr)
  answers = JSON.parse(run.stdout) as Record<string, Answer>
}, 120_000)
afterAll(async () => {
  await Promise.all([host.close(), foreign.delete()])
  rmSync(library, { recursive: true, force: true })
})

test.each<[string, unknown]>([
  ['links', ['lo', 'br0']],
  ['link', 'bridge'],
  ['addresses', ['10.0.0.1/24']],
  ['routes', ['10.0.0.0/24']],
  ['route', '10.0.0.1'],
  ['neighbours', ['10.0.0.8']],
  ['sysctl', '64'],
  ['list', true],
])('nobody may read: %s', (name, value) => {
  expect(answers[name]).toEqual({ value })
})

test('nobody reads its own namespace’s inode', () => {
  expect(answers['inode']).toEqual({ value: host.inode })
})

test.each([
  ['Bridge.create', 'Bridge.create', 'RTM_NEWLINK', 'CAP_NET_ADMIN'],
  ['Veth.create', 'Veth.create', 'RTM_NEWLINK', 'CAP_NET_ADMIN'],
  ['Link.set', 'Link.set', 'RTM_NEWLINK', 'CAP_NET_ADMIN'],
  ['Link.delete', 'Link.delete', 'RTM_DELLINK', 'CAP_NET_ADMIN'],
  ['addresses.add', 'addresses.add', 'RTM_NEWADDR', 'CAP_NET_ADMIN'],
  ['routes.add', 'routes.add', 'RTM_NEWROUTE', 'CAP_NET_ADMIN'],
  ['neighbours.add', 'neighbours.add', 'RTM_NEWNEIGH', 'CAP_NET_ADMIN'],
  ['Netns.create', 'Netns.create', 'unshare', 'CAP_SYS_ADMIN'],
  ['Netns.run', 'Netns.run', 'setns', 'CAP_SYS_ADMIN'],
])('nobody may not write, and learns why: %s', (name, operation, syscall, capability) => {
  expect(answers[name]).toMatchObject({
    error: { name: 'NetprimError', code: 'EPERM', operation, syscall, message: expect.stringContaining(capability) },
  })
})

test.each([
  ['Netns.create named', 'Netns.create', /CAP_SYS_ADMIN/],
  ['Netns.delete', 'Netns.delete', /CAP_SYS_ADMIN/],
  ['foreign links', 'links.list', /CAP_SYS_ADMIN/],
  ['foreign process', 'Netns.open', /root|CAP_SYS_PTRACE/],
  ['sysctl.set', 'sysctl.set', /CAP_NET_ADMIN|root/],
])('nobody is refused, and learns why: %s', (name, operation, why) => {
  const { error } = answers[name] as { error: { code: string; operation: string; message: string } }
  expect(['EPERM', 'EACCES']).toContain(error.code)
  expect(error).toMatchObject({ operation, message: expect.stringMatching(why) })
})

test('nothing was changed', () => {
  expect(ip(host, '-br', 'link').trim().split('\n')).toHaveLength(2)
  expect(ip(host, '-4', 'address')).not.toContain('10.9.9.9')
})
