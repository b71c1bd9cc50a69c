// Where netprim's own threads are afterwards: at home, also where there is no way back.
import { execFileSync } from 'node:child_process'
import { beforeAll, expect, test } from '@jest/globals'
import { compiledEntry } from '../helpers/program.js'

/** Works in namespaces of its own; prints a setting of each, and whether each thread is where the process is. */
const program = `
  const { readdirSync, readlinkSync } = require('node:fs')
  const { Netns } = require(process.argv[1])
  void (async () => {
    const [one, other] = await Promise.all([Netns.create(), Netns.create()])
    await Promise.all([one.sysctl.set('net.ipv4.ip_forward', 1), other.sysctl.set('net.ipv4.ip_forward', 0)])
    const settings = await Promise.all([one, other].map((netns) => netns.sysctl.get('net.ipv4.ip_forward')))
    const links = await other.links.list()
    const home = readlinkSync('/proc/self/ns/net')
    const threads = readdirSync('/proc/self/task').map((thread) => readlinkSync('/proc/self/task/' + thread + '/ns/net') === home)
    console.log(JSON.stringify({ settings, links: links.map(({ name }) => name), home: threads.every(Boolean) }))
  })()
`

let entry: string
beforeAll(() => {
  entry = compiledEntry()
}, 60_000)

test.each([
  { who: 'root', command: [] },
  { who: 'root in a user namespace that owns the network namespace', command: ['unshare', '--user', '--map-root-user', '--net'] },
  {
    who: 'root in a user namespace alone, who may leave the network namespace but not return',
    command: ['unshare', '--user', '--map-root-user'],
  },
])('$who', ({ command }) => {
  const words = [...command, process.execPath, '-e', program, entry]
  const printed = execFileSync(words[0]!, words.slice(1), { encoding: 'utf8' })
  expect(JSON.parse(printed)).toEqual({ settings: ['1', '0'], links: ['lo'], home: true })
})

/** Tells what became of two ways into another namespace. */
const attempts = (before: string): string => `
  const { Netns } = require(process.argv[1])
  void (async () => {
    const netns = await Netns.create()
    await netns.sysctl.get('net.ipv4.ip_forward')
    ${before}
    const codes = [await netns.sysctl.get('net.ipv4.ip_forward').then(() => 'read', ({ code }) => code)]
    try {
      codes.push(netns.run(() => 'ran'))
    } catch ({ code }) {
      codes.push(code)
    }
    console.log(codes.join())
  })()
`

test.each([
  { who: 'has lost the right to leave', command: [], before: 'process.seteuid(65_534)', told: 'EPERM,EPERM' },
  { who: 'may leave and not return', command: ['unshare', '--user', '--map-root-user'], before: '', told: 'read,EPERM' },
])('who $who is told so, and lives on', ({ command, before, told }) => {
  const words = [...command, process.execPath, '-e', attempts(before), entry]
  expect(execFileSync(words[0]!, words.slice(1), { encoding: 'utf8' }).trim()).toBe(told)
})
