/** The main job in one run: a host, an outside world and three containers, real traffic between them, and nothing left afterwards. */
import { Link, Netns, Veth, createBridgeNetwork } from 'netprim'
import { get, serve, stop } from './http.js'

let failures = 0

/** Prints a fact beside what was measured, and remembers if it is not as it should be. */
function report(fact: string, measured: string, expected: RegExp): void {
  const holds = expected.test(measured)
  if (!holds) failures++
  console.log(`  ${holds ? 'ok ' : 'NOT'}  ${fact.padEnd(58)} ${measured}`)
}

/** Does one step and says how long it took. */
async function step<Result>(what: string, action: () => Promise<Result>): Promise<Result> {
  const start = performance.now()
  const result = await action()
  console.log(`  ${(performance.now() - start).toFixed(1).padStart(6)} ms  ${what}`)
  return result
}

/** A cable between the host and the outside world. The outside knows no way to the containers. */
async function connectOutside(host: Netns, outside: Netns): Promise<void> {
  const lo = await Link.get('lo', { netns: host })
  await lo.set({ up: true })
  await Veth.create({
    netns: host,
    name: 'uplink',
    up: true,
    addresses: ['203.0.113.1/24'],
    peer: { netns: outside, name: 'wan', up: true, addresses: ['203.0.113.2/24'] },
  })
}

async function main(): Promise<void> {
  console.log('\nMaking a network of containers')
  const host = await step('namespace that plays the host', () => Netns.create())
  const outside = await step('namespace that plays the outside world', () => Netns.create())
  await step('cable between the two', () => connectOutside(host, outside))
  const net = await step('bridge network 172.30.0.0/24', () => createBridgeNetwork({ name: 'demo', subnet: '172.30.0.0/24', netns: host }))
  const [web, app, db] = await Promise.all([Netns.create(), Netns.create(), Netns.create()])
  const webEnd = await step('container web, port 80 published as 8080', () =>
    net.attach(web, { name: 'web', publish: [{ hostPort: 8080, port: 80 }] }),
  )
  const appEnd = await step('container app', () => net.attach(app, { name: 'app' }))
  const dbEnd = await step('container db', () => net.attach(db, { name: 'db' }))

  const servers = await Promise.all([serve(web, 80, 'web'), serve(web, 81, 'web'), serve(db, 80, 'db'), serve(outside, 80, 'outside')])
  const [webIp = '', appIp = '', dbIp = ''] = [webEnd, appEnd, dbEnd].map((end) => end.addresses[0]?.split('/')[0])

  console.log('\nWhat reaches what')
  report('container app -> container db', await get(app, `http://${dbIp}/`), new RegExp(`^db saw ${appIp}$`))
  report('container db -> container web', await get(db, `http://${webIp}/`), new RegExp(`^web saw ${dbIp}$`))
  report('container app -> outside, behind the host (masquerade)', await get(app, 'http://203.0.113.2/'), /^outside saw 203\.0\.113\.1$/)
  report('outside -> container web, published port 8080', await get(outside, 'http://203.0.113.1:8080/'), /^web saw 203\.0\.113\.2$/)
  report('host -> container web, 127.0.0.1:8080', await get(host, 'http://127.0.0.1:8080/'), /^web saw /)
  report('host -> container web, 203.0.113.1:8080', await get(host, 'http://203.0.113.1:8080/'), /^web saw /)
  report('container app -> container web, by the published port', await get(app, `http://${net.gateway}:8080/`), /^web saw /)
  report('container web -> itself, by the published port', await get(web, `http://${net.gateway}:8080/`), /^web saw /)
  report('outside -> port 8081, which is not published', await get(outside, 'http://203.0.113.1:8081/'), /^ECONNREFUSED$/)
  await outside.routes.add({ to: '172.30.0.0/24', via: '203.0.113.1' })
  report('outside -> container web directly, even with a route', await get(outside, `http://${webIp}:81/`, 300), /^ETIMEDOUT$/)
  await webEnd.unpublish({ hostPort: 8080 })
  report('outside -> port 8080, once unpublished', await get(outside, 'http://203.0.113.1:8080/'), /^ECONNREFUSED$/)

  console.log('\nTaking it away')
  await Promise.all(servers.map(stop))
  await step('network with all that is attached', () => net.destroy())
  const [links, containerLinks, ruleset] = await Promise.all([host.links.list(), web.links.list(), host.nft.list()])
  report('links left in the host', links.map(({ name }) => name).join(' '), /^lo uplink$/)
  report('links left in container web', containerLinks.map(({ name }) => name).join(' '), /^lo$/)
  report('rules left in the host', String(ruleset.nftables.length), /^0$/)
  report('forwarding as before', await host.sysctl.get('net.ipv4.ip_forward'), /^0$/)
  await Promise.all([host, outside, web, app, db].map((netns) => netns.delete()))
  console.log(failures === 0 ? '\nEverything as it should be.\n' : `\n${failures} facts are not as they should be.\n`)
  process.exitCode = failures === 0 ? 0 : 1
}

void main()
