// Netns: made, pinned, opened, listed and deleted in the way of iproute2, which is the oracle.
import { execFileSync, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, statSync, writeFileSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { afterEach, describe, expect, test } from '@jest/globals'
import { Netns } from 'netprim'
import { refusal } from '../helpers/errors.js'
import { runIn, uniqueName } from '../helpers/oracle.js'

const ipNetns = (...args: string[]): string =>
  execFileSync('ip', ['netns', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
const namesOfIp = (): string[] =>
  ipNetns('list')
    .split('\n')
    .map((line) => line.split(' ')[0]!)
    .filter((name) => name !== '')
const pinned = new Set<string>()

/** A name that is taken away again after the test, whatever became of it. */
function name(): string {
  const fresh = uniqueName()
  pinned.add(fresh)
  return fresh
}

afterEach(() => {
  for (const one of pinned) {
    if (!existsSync(`/run/netns/${one}`)) continue
    try {
      ipNetns('delete', one)
    } catch {
      rmSync(`/run/netns/${one}`, { force: true })
    }
  }
  pinned.clear()
})

describe('create with a name', () => {
  test('pins the namespace where `ip netns` finds and enters it', async () => {
    const blue = await Netns.create(name())
    expect(namesOfIp()).toContain(blue.name)
    expect(blue.path).toBe(`/run/netns/${blue.name!}`)
    expect(statSync(blue.path).ino).toBe(blue.inode)
    expect(ipNetns('exec', blue.name!, 'readlink', '/proc/self/ns/net').trim()).toBe(`net:[${blue.inode}]`)
    expect(ipNetns('exec', blue.name!, 'ip', '-o', 'link').trim().split('\n')).toHaveLength(1)
    await blue.delete()
    expect(namesOfIp()).not.toContain(blue.name)
    expect(existsSync(blue.path)).toBe(false)
  })

  test('makes /run/netns a shared mount, once', async () => {
    const [one, two] = await Promise.all([Netns.create(name()), Netns.create(name())])
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .filter((fields) => fields[4] === '/run/netns')
    expect(mounts).toHaveLength(1)
    expect(mounts[0]!.some((field) => field.startsWith('shared:'))).toBe(true)
    await Promise.all([one.delete(), two.delete()])
  })

  test('makes the pin with the mode that iproute2 gives it', async () => {
    const theirs = name()
    ipNetns('add', theirs)
    const ours = await Netns.create(name())
    expect(statSync(ours.path).mode).toBe(statSync(`/run/netns/${theirs}`).mode)
    expect(statSync('/run/netns').mode & 0o777).toBe(0o755)
    await ours.delete()
  })

  test('of a name that is taken is EEXIST, and leaves the taker alone', async () => {
    const theirs = name()
    ipNetns('add', theirs)
    const before = statSync(`/run/netns/${theirs}`).ino
    const error = await refusal(Netns.create(theirs))
    expect(error).toMatchObject({ code: 'EEXIST', syscall: 'open', operation: 'Netns.create', target: theirs })
    expect(statSync(`/run/netns/${theirs}`).ino).toBe(before)
  })

  test('asked for twice at once is made once', async () => {
    const wanted = name()
    const results = await Promise.allSettled([Netns.create(wanted), Netns.create(wanted)])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(namesOfIp()).toContain(wanted)
    for (const result of results) if (result.status === 'fulfilled') await result.value.delete()
  })

  test('outlives the handle', async () => {
    const blue = await Netns.create(name())
    await blue.close()
    expect(namesOfIp()).toContain(blue.name)
    await using again = await Netns.open(blue.name!)
    expect(again.inode).toBe(blue.inode)
  })
})

describe('create without a name', () => {
  test('makes a namespace that `ip netns` does not know, and that its path leads to', async () => {
    await using anon = await Netns.create()
    expect(anon.name).toBeUndefined()
    // Other tests make and delete theirs meanwhile.
    const inodes = namesOfIp().map((each) => statSync(`/run/netns/${each}`, { throwIfNoEntry: false })?.ino)
    expect(inodes).not.toContain(anon.inode)
    expect(statSync(anon.path).ino).toBe(anon.inode)
    expect(runIn(anon, 'readlink', '/proc/self/ns/net').trim()).toBe(`net:[${anon.inode}]`)
    expect(execFileSync('nsenter', [`--net=${anon.path}`, 'readlink', '/proc/self/ns/net'], { encoding: 'utf8' }).trim()).toBe(
      `net:[${anon.inode}]`,
    )
  })

  test('makes another each time', async () => {
    const many = await Promise.all(Array.from({ length: 20 }, () => Netns.create()))
    expect(new Set(many.map((one) => one.inode)).size).toBe(20)
    expect(many.map((one) => one.inode)).not.toContain(Netns.current().inode)
    await Promise.all(many.map((one) => one.close()))
  })
})

describe('open', () => {
  test('by the name that `ip netns add` gave', async () => {
    const theirs = name()
    ipNetns('add', theirs)
    await using opened = await Netns.open(theirs)
    expect(opened).toMatchObject({ name: theirs, path: `/run/netns/${theirs}`, inode: statSync(`/run/netns/${theirs}`).ino })
  })

  test('by path, by process and by descriptor is the same namespace', async () => {
    await using anon = await Netns.create()
    const child = anon.spawn('sleep', ['60'])
    const fd = openSync(anon.path, 'r')
    const opened = await Promise.all([Netns.open({ path: anon.path }), Netns.open({ pid: child.pid! }), Netns.open({ fd })])
    expect(opened.map((one) => one.inode)).toEqual([anon.inode, anon.inode, anon.inode])
    expect(opened.map((one) => one.name)).toEqual([undefined, undefined, undefined])
    closeSync(fd)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await Promise.all(opened.map((one) => one.close()))
  })

  test('of a descriptor leaves the descriptor to the caller', async () => {
    await using anon = await Netns.create()
    const fd = openSync(anon.path, 'r')
    await (await Netns.open({ fd })).close()
    expect(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')).toContain('pos:')
    const opening = Netns.open({ fd })
    closeSync(fd)
    const opened = await opening
    expect(opened.inode).toBe(anon.inode)
    await opened.close()
    expect(await refusal(Netns.open({ fd: 0x7fff_fff0 }))).toMatchObject({ code: 'EBADF', operation: 'Netns.open' })
  })

  test.each([{}, { pid: undefined }, { path: undefined }, { pid: 1, path: '/proc/1/ns/net' }])('of %j is refused', async (reference) => {
    await expect(Netns.open(reference as never)).rejects.toThrow(/'reference' must be a name, \{ path \}, \{ pid \} or \{ fd \}/)
  })

  test('of none is ENOENT', async () => {
    expect(await refusal(Netns.open('np-nosuch'))).toMatchObject({
      code: 'ENOENT',
      syscall: 'open',
      operation: 'Netns.open',
      target: 'np-nosuch',
    })
    expect((await refusal(Netns.open({ pid: 0x7fff_fff0 }))).code).toBe('ENOENT')
    expect((await refusal(Netns.open({ path: '/nosuch/file' }))).message).toContain('/nosuch/file')
  })

  test.each(['/etc/hostname', '/proc/self/ns/uts', '/dev/null'])(
    'of a file that is no network namespace is EINVAL, and says so: %s',
    async (path) => {
      const error = await refusal(Netns.open({ path }))
      expect(error).toMatchObject({ code: 'EINVAL', operation: 'Netns.open', target: path })
      expect(error.message).toMatch(/no network namespace/)
    },
  )

  test('of a pin whose mount is gone is EINVAL', async () => {
    const stale = name()
    writeFileSync(`/run/netns/${stale}`, '')
    expect(await refusal(Netns.open(stale))).toMatchObject({ code: 'EINVAL', target: stale })
  })
})

describe('list', () => {
  test('gives the names that `ip netns list` gives', async () => {
    const theirs = name()
    ipNetns('add', theirs)
    const ours = await Netns.create(name())
    expect(await Netns.list()).toEqual(namesOfIp().sort())
    expect(await Netns.list()).toEqual(expect.arrayContaining([theirs, ours.name!]))
  })
})

describe('delete', () => {
  test('may be called twice, and closes the handle', async () => {
    const blue = await Netns.create(name())
    await Promise.all([blue.delete(), blue.delete()])
    await blue.delete()
    await blue.close()
    expect(() => blue.fd).toThrow(expect.objectContaining({ code: 'ERR_NETPRIM_CLOSED' }))
  })

  test('of one that somebody else deleted is no error', async () => {
    const blue = await Netns.create(name())
    ipNetns('delete', blue.name!)
    await blue.delete()
  })

  test('works on one that was only opened', async () => {
    const theirs = name()
    ipNetns('add', theirs)
    await (await Netns.open(theirs)).delete()
    expect(namesOfIp()).not.toContain(theirs)
  })

  test('does not take away a name that by now is another namespace’s', async () => {
    const blue = await Netns.create(name())
    ipNetns('delete', blue.name!)
    ipNetns('add', blue.name!)
    await blue.delete()
    expect(namesOfIp()).toContain(blue.name)
  })

  test('leaves the namespace to a process that is in it', async () => {
    const blue = await Netns.create(name())
    const child = blue.spawn('sleep', ['60'])
    await blue.delete()
    expect(statSync(`/proc/${child.pid!}/ns/net`).ino).toBe(blue.inode)
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
})

describe('the end of an `await using` scope', () => {
  test('deletes what was created, closes what was opened', async () => {
    const theirs = name()
    ipNetns('add', theirs)
    const ours = name()
    {
      await using created = await Netns.create(ours)
      await using opened = await Netns.open(theirs)
      expect(await Netns.list()).toEqual(expect.arrayContaining([created.name!, opened.name!]))
    }
    expect(namesOfIp()).toContain(theirs)
    expect(namesOfIp()).not.toContain(ours)
  })
})

describe('current', () => {
  test('is the process’s own, the same handle each time', () => {
    const current = Netns.current()
    expect(current.inode).toBe(statSync('/proc/self/ns/net').ino)
    expect(Netns.current()).toBe(current)
    expect(current.name).toBeUndefined()
  })

  test('is usable again after it was closed', async () => {
    await Netns.current().close()
    expect((await Netns.current().links.list()).map((link) => link.name)).toContain('lo')
  })

  test('inside run is the namespace that was entered', async () => {
    await using anon = await Netns.create()
    const home = Netns.current().inode
    expect(anon.run(() => Netns.current().inode)).toBe(anon.inode)
    expect(Netns.current().inode).toBe(home)
  })
})

test('a process that ended is no namespace to open', async () => {
  const child = spawn('true')
  await once(child, 'exit')
  expect((await refusal(Netns.open({ pid: child.pid! }))).code).toBe('ENOENT')
})
