// A bridge with as many ports as the kernel lets one have: the next attach is refused, says why, and leaves nothing.
import { expect, test } from '@jest/globals'
import { createBridgeNetwork, Link, Netns, Veth } from 'netprim'
import { rulesetOf } from '../helpers/bridge-world.js'
import { refusal } from '../helpers/errors.js'
import { ip, runIn } from '../helpers/oracle.js'

const most = 1023

test('the 1,024th port is EXFULL, and an attach works again once one is free', async () => {
  await using host = await Netns.create()
  await using container = await Netns.create()
  const net = await createBridgeNetwork({ netns: host, name: 'full', subnet: '172.30.0.0/16' })
  const ports = await Promise.all(
    Array.from({ length: most }, (_, at) => Veth.create({ netns: host, name: `p${at}`, master: net.bridge, peer: { name: `q${at}` } })),
  )
  const before = rulesetOf(host)
  const error = await refusal(net.attach(container, { name: 'late', publish: [{ hostPort: 8080 }] }))
  expect(error).toMatchObject({
    code: 'EXFULL',
    operation: 'BridgeNetwork.attach',
    target: 'late',
    message: expect.stringMatching(/EXFULL.*a bridge takes 1,023 ports/),
  })
  expect(rulesetOf(host)).toEqual(before)
  expect(runIn(host, 'sh', '-c', `ip -o link show master ${net.bridge.name} | wc -l`).trim()).toBe(String(most))
  expect(ip(container, '-o', 'link').trim().split('\n')).toHaveLength(1)
  await ports[0]!.delete()
  await (await net.attach(container, { name: 'late' })).detach()
  await Link.deleteAll(ports)
}, 30_000)
