// Address, route and neighbour messages, byte by byte: as `strace ip …` (iproute2 6.1) shows them, in our own order of attributes.
import { endianness } from 'node:os'
import { describe, expect, test } from '@jest/globals'
import {
  decodeAddresses,
  decodeNeighbours,
  decodeRoutes,
  encodeNewAddress,
  encodeNewNeighbour,
  encodeNewRoute,
  encodeReplaceAddress,
  encodeReplaceRoute,
} from '../../lib/codec/messages.js'
import { addressRecord } from '../../lib/address.js'
import { messageAt } from '../../lib/datagram.js'
import { ipFamily } from '../../lib/validate.js'
import { golden, words } from '../helpers/golden.js'

const isLittleEndian = endianness() === 'LE'
const onLittleEndian = isLittleEndian ? describe : describe.skip

onLittleEndian('addresses', () => {
  test('IPv4 with label, metric, flags and lifetimes', () => {
    // ip address add 10.0.0.9/24 brd 10.0.0.255 dev br0 label br0:x metric 77 valid_lft 3600 preferred_lft 1800 noprefixroute
    const record = {
      family: 'ipv4',
      prefixLength: 24,
      index: 2,
      local: '10.0.0.9',
      address: '10.0.0.9',
      broadcast: '10.0.0.255',
      label: 'br0:x',
      metric: 77,
      flags: ['noprefixroute'],
      validLifetime: 3600,
      preferredLifetime: 1800,
    }
    const bytes = encodeNewAddress(record)
    expect(words(bytes)).toEqual(
      golden(`
      60 00 00 00  nlmsg_len 96
      14 00 05 06  RTM_NEWADDR, REQUEST|ACK|EXCL|CREATE
      00 00 00 00
      00 00 00 00
      02 18 00 00  AF_INET, /24, flags, RT_SCOPE_UNIVERSE
      02 00 00 00  ifa_index
      08 00 01 00  IFA_ADDRESS
      0a 00 00 09
      08 00 02 00  IFA_LOCAL
      0a 00 00 09
      08 00 04 00  IFA_BROADCAST
      0a 00 00 ff
      0a 00 03 00  IFA_LABEL
      62 72 30 3a  br0:
      78 00 00 00  x
      08 00 09 00  IFA_RT_PRIORITY
      4d 00 00 00  77
      08 00 08 00  IFA_FLAGS
      00 02 00 00  IFA_F_NOPREFIXROUTE
      14 00 06 00  IFA_CACHEINFO
      08 07 00 00  ifa_prefered 1800
      10 0e 00 00  ifa_valid 3600
      00 00 00 00
      00 00 00 00`),
    )
    expect(decodeAddresses(bytes)).toEqual([{ ...record, scope: 'global' }])
  })

  test('IPv6 without a preferred lifetime is preferred as long as it stays', () => {
    const record = addressRecord({ address: 'fe80::1/64', scope: 'link', flags: ['nodad'], validLifetime: 60 }, 2)
    const bytes = encodeReplaceAddress(record)
    expect(words(bytes)).toEqual(
      golden(`
      5c 00 00 00  nlmsg_len 92
      14 00 05 05  RTM_NEWADDR, REQUEST|ACK|REPLACE|CREATE
      00 00 00 00
      00 00 00 00
      0a 40 00 fd  AF_INET6, /64, flags, RT_SCOPE_LINK
      02 00 00 00
      14 00 01 00  IFA_ADDRESS
      fe 80 00 00
      00 00 00 00
      00 00 00 00
      00 00 00 01
      14 00 02 00  IFA_LOCAL
      fe 80 00 00
      00 00 00 00
      00 00 00 00
      00 00 00 01
      08 00 08 00  IFA_FLAGS
      02 00 00 00  IFA_F_NODAD
      14 00 06 00  IFA_CACHEINFO
      3c 00 00 00  ifa_prefered 60
      3c 00 00 00  ifa_valid 60
      00 00 00 00
      00 00 00 00`),
    )
    expect(decodeAddresses(bytes)).toEqual([record])
  })
})

onLittleEndian('routes', () => {
  test('with a gateway, a metric, a source and metrics of the path', () => {
    // ip route add 10.2.0.0/16 via 10.0.0.2 dev … metric 5 src 10.0.0.1 mtu 1400 advmss 1360
    const record = {
      family: 'ipv4',
      to: '10.2.0.0',
      toLength: 16,
      via: '10.0.0.2',
      link: 2,
      metric: 5,
      src: '10.0.0.1',
      table: 'main',
      protocol: 'boot',
      scope: 'global',
      type: 'unicast',
      mtu: 1400,
      advmss: 1360,
    }
    const bytes = encodeNewRoute(record)
    expect(words(bytes)).toEqual(
      golden(`
      60 00 00 00  nlmsg_len 96
      18 00 05 06  RTM_NEWROUTE, REQUEST|ACK|EXCL|CREATE
      00 00 00 00
      00 00 00 00
      02 10 00 00  AF_INET, /16, from anywhere, tos 0
      00 03 00 01  the table is in its attribute, RTPROT_BOOT, RT_SCOPE_UNIVERSE, RTN_UNICAST
      00 00 00 00  rtm_flags
      08 00 01 00  RTA_DST
      0a 02 00 00
      08 00 04 00  RTA_OIF
      02 00 00 00
      08 00 05 00  RTA_GATEWAY
      0a 00 00 02
      08 00 06 00  RTA_PRIORITY
      05 00 00 00
      08 00 07 00  RTA_PREFSRC
      0a 00 00 01
      08 00 0f 00  RTA_TABLE
      fe 00 00 00  RT_TABLE_MAIN
      14 00 08 80  RTA_METRICS, nested
      08 00 02 00  RTAX_MTU
      78 05 00 00  1400
      08 00 08 00  RTAX_ADVMSS
      50 05 00 00  1360`),
    )
    expect(decodeRoutes(bytes)).toEqual([{ ...record, fromLength: 0, tos: 0, flags: [] }])
  })

  test('with several ways', () => {
    // ip route add 10.2.0.0/16 nexthop via 10.0.0.2 weight 3 nexthop via 10.0.0.3 dev br0 onlink
    const nexthops = [
      { via: '10.0.0.2', weight: 3 },
      { via: '10.0.0.3', link: 2, flags: ['onlink'] },
    ]
    const bytes = encodeReplaceRoute({
      family: 'ipv4',
      to: '10.2.0.0',
      toLength: 16,
      table: 1000,
      protocol: 4,
      type: 'unicast',
      nexthops,
    })
    expect(words(bytes)).toEqual(
      golden(`
      50 00 00 00  nlmsg_len 80
      18 00 05 05  RTM_NEWROUTE, REQUEST|ACK|REPLACE|CREATE
      00 00 00 00
      00 00 00 00
      02 10 00 00
      00 04 00 01  RTPROT_STATIC, RT_SCOPE_UNIVERSE, RTN_UNICAST
      00 00 00 00
      08 00 01 00  RTA_DST
      0a 02 00 00
      08 00 0f 00  RTA_TABLE
      e8 03 00 00  1000
      24 00 09 80  RTA_MULTIPATH, nested
      10 00 00 02  rtnh_len 16, no flags, rtnh_hops: the weight less one
      00 00 00 00  rtnh_ifindex: the kernel finds it
      08 00 05 00  RTA_GATEWAY
      0a 00 00 02
      10 00 04 00  rtnh_len 16, RTNH_F_ONLINK
      02 00 00 00  rtnh_ifindex
      08 00 05 00  RTA_GATEWAY
      0a 00 00 03`),
    )
    expect(decodeRoutes(bytes)[0]!['nexthops']).toEqual([
      { link: 0, weight: 3, flags: [], via: '10.0.0.2' },
      { link: 2, weight: 1, flags: ['onlink'], via: '10.0.0.3' },
    ])
  })
})

onLittleEndian('neighbours', () => {
  test('with state and flags', () => {
    // ip neighbour add fd00::9 dev … lladdr 02:00:00:00:00:09 nud stale router
    const record = { family: 'ipv6', index: 2, address: 'fd00::9', mac: '02:00:00:00:00:09', state: 'stale', flags: ['router'] }
    const bytes = encodeNewNeighbour(record)
    expect(words(bytes)).toEqual(
      golden(`
      3c 00 00 00  nlmsg_len 60
      1c 00 05 06  RTM_NEWNEIGH, REQUEST|ACK|EXCL|CREATE
      00 00 00 00
      00 00 00 00
      0a 00 00 00  AF_INET6
      02 00 00 00  ndm_ifindex
      04 00 80 00  NUD_STALE, NTF_ROUTER
      14 00 01 00  NDA_DST
      fd 00 00 00
      00 00 00 00
      00 00 00 00
      00 00 00 09
      0a 00 02 00  NDA_LLADDR
      02 00 00 00
      00 09 00 00`),
    )
    expect(decodeNeighbours(bytes)).toEqual([record])
  })
})

describe('several in one datagram', () => {
  const routes = [{ to: '10.0.0.0' }, { to: 'fd00::', mtu: 1400 }, { to: '10.1.0.0', table: 'main' }]
  const complete = (values: unknown[], at: Record<'toLength' | 'family', number>, { to }: { to: string }): void => {
    values[at.toLength] = 24
    values[at.family] = ipFamily(to)
  }
  const together = encodeNewRoute.all(routes, true, complete)

  test('each is as it is alone, and nothing of the one before is left in it', () => {
    routes.forEach((route, at) => {
      const alone = encodeNewRoute({ ...route, toLength: 24, family: ipFamily(route.to) })
      expect(words(messageAt(together, at))).toEqual(words(alone))
    })
  })

  test('what is not acknowledged differs in its flags alone', () => {
    const unacknowledged = encodeNewRoute.all(routes, false, complete)
    const differing = [...together.keys()].filter((at) => together[at] !== unacknowledged[at])
    const starts = routes.map((_route, at) => messageAt(together, at).byteOffset - together.byteOffset)
    expect(differing).toEqual(starts.map((start) => start + (isLittleEndian ? 6 : 7)))
  })

  test('more than the memory that they are cut from has', () => {
    const many = Array.from({ length: 3000 }, (_, at) => ({ family: 'ipv4', toLength: 32, to: `10.0.${at >> 8}.${at & 255}` }))
    const bytes = encodeNewRoute.all(many, true)
    expect(decodeRoutes(bytes)).toMatchObject(many)
  })
})
