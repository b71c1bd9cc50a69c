// Link messages, byte by byte. Numbers by hand from linux/{netlink,rtnetlink,if_link,if_bridge,veth}.h; little-endian machines only.
import { endianness } from 'node:os'
import { describe, expect, test } from '@jest/globals'
import { decodeLinks, encodeDelLink, encodeGetLink, encodeGetLinks, encodeNewLink, encodeSetLink } from '../../lib/codec/messages.js'
import { golden, goldenBytes, words } from '../helpers/golden.js'

const onLittleEndian = endianness() === 'LE' ? describe : describe.skip

onLittleEndian('encoding', () => {
  test('a new pair with its peer in another namespace', () => {
    const peer = { name: 'eth0', mac: '02:00:00:00:00:02', mtu: 1300, numTxQueues: 1, numRxQueues: 1, netnsFd: 7 }
    const record = {
      name: 'veth0',
      mac: '02:00:00:00:00:01',
      mtu: 1400,
      up: true,
      kind: 'veth',
      numTxQueues: 1,
      numRxQueues: 1,
      data: { peer },
    }
    expect(words(encodeNewLink(record))).toEqual(
      golden(`
      b0 00 00 00  nlmsg_len 176
      10 00 0d 06  RTM_NEWLINK, REQUEST|ACK|ECHO|EXCL|CREATE
      00 00 00 00  nlmsg_seq, stamped when it is sent
      00 00 00 00  nlmsg_pid
      00 00 00 00  ifi_family, ifi_type
      00 00 00 00  ifi_index
      01 00 00 00  ifi_flags IFF_UP
      01 00 00 00  ifi_change IFF_UP
      0a 00 03 00  IFLA_IFNAME
      76 65 74 68  veth
      30 00 00 00  0
      08 00 04 00  IFLA_MTU
      78 05 00 00  1400
      0a 00 01 00  IFLA_ADDRESS
      02 00 00 00
      00 01 00 00
      08 00 1f 00  IFLA_NUM_TX_QUEUES
      01 00 00 00
      08 00 20 00  IFLA_NUM_RX_QUEUES
      01 00 00 00
      60 00 12 80  IFLA_LINKINFO, nested
      09 00 01 00  IFLA_INFO_KIND
      76 65 74 68  veth
      00 00 00 00
      50 00 02 80  IFLA_INFO_DATA, nested
      4c 00 01 80  VETH_INFO_PEER, nested
      00 00 00 00  the peer's ifinfomsg: ifi_family, ifi_type
      00 00 00 00  ifi_index
      00 00 00 00  ifi_flags
      00 00 00 00  ifi_change
      09 00 03 00  IFLA_IFNAME
      65 74 68 30  eth0
      00 00 00 00
      08 00 04 00  IFLA_MTU
      14 05 00 00  1300
      0a 00 01 00  IFLA_ADDRESS
      02 00 00 00
      00 02 00 00
      08 00 1f 00  IFLA_NUM_TX_QUEUES
      01 00 00 00
      08 00 20 00  IFLA_NUM_RX_QUEUES
      01 00 00 00
      08 00 1c 00  IFLA_NET_NS_FD
      07 00 00 00`),
    )
  })

  test('a new bridge with options of every width', () => {
    const record = {
      name: 'br0',
      kind: 'bridge',
      data: { ageingTime: 30_000, priority: 0x1234, vlanFiltering: true, mcastSnooping: false },
    }
    expect(words(encodeNewLink(record))).toEqual(
      golden(`
      5c 00 00 00  nlmsg_len 92
      10 00 0d 06  RTM_NEWLINK, REQUEST|ACK|ECHO|EXCL|CREATE
      00 00 00 00
      00 00 00 00
      00 00 00 00  ifinfomsg
      00 00 00 00
      00 00 00 00
      00 00 00 00
      08 00 03 00  IFLA_IFNAME
      62 72 30 00  br0
      34 00 12 80  IFLA_LINKINFO, nested
      0b 00 01 00  IFLA_INFO_KIND
      62 72 69 64  brid
      67 65 00 00  ge
      24 00 02 80  IFLA_INFO_DATA, nested
      08 00 04 00  IFLA_BR_AGEING_TIME, 32 bits
      30 75 00 00  30000
      06 00 06 00  IFLA_BR_PRIORITY, 16 bits
      34 12 00 00
      05 00 07 00  IFLA_BR_VLAN_FILTERING, 8 bits
      01 00 00 00
      05 00 17 00  IFLA_BR_MCAST_SNOOPING, 8 bits
      00 00 00 00`),
    )
  })

  test('a vxlan, whose port is in network order', () => {
    const record = { kind: 'vxlan', data: { id: 42, local: '10.0.0.1', port: 4789 } }
    expect(words(encodeNewLink(record)).slice(8)).toEqual(
      golden(`
      2c 00 12 80  IFLA_LINKINFO, nested
      0a 00 01 00  IFLA_INFO_KIND
      76 78 6c 61  vxla
      6e 00 00 00  n
      1c 00 02 80  IFLA_INFO_DATA, nested
      08 00 01 00  IFLA_VXLAN_ID
      2a 00 00 00  42
      08 00 04 00  IFLA_VXLAN_LOCAL
      0a 00 00 01  10.0.0.1
      06 00 0f 00  IFLA_VXLAN_PORT
      12 b5 00 00  4789, big-endian`),
    )
  })

  test('a change: down, out of its bridge, into a namespace, with settings of the port', () => {
    const record = { index: 5, up: false, promisc: true, master: 0, netnsFd: 9, portKind: 'bridge', port: { isolated: true, cost: 7 } }
    expect(words(encodeSetLink(record))).toEqual(
      golden(`
      54 00 00 00  nlmsg_len 84
      10 00 05 00  RTM_NEWLINK, REQUEST|ACK
      00 00 00 00
      00 00 00 00
      00 00 00 00  ifi_family, ifi_type
      05 00 00 00  ifi_index
      00 01 00 00  ifi_flags IFF_PROMISC
      01 01 00 00  ifi_change IFF_UP|IFF_PROMISC
      08 00 0a 00  IFLA_MASTER
      00 00 00 00  none
      08 00 1c 00  IFLA_NET_NS_FD
      09 00 00 00
      24 00 12 80  IFLA_LINKINFO, nested
      0b 00 04 00  IFLA_INFO_SLAVE_KIND
      62 72 69 64  brid
      67 65 00 00  ge
      14 00 05 80  IFLA_INFO_SLAVE_DATA, nested
      08 00 03 00  IFLA_BRPORT_COST
      07 00 00 00
      05 00 21 00  IFLA_BRPORT_ISOLATED
      01 00 00 00`),
    )
  })

  test.each([
    [
      'by index',
      encodeDelLink,
      { index: 5 },
      '20 00 00 00|11 00 05 00|00 00 00 00|00 00 00 00|00 00 00 00|05 00 00 00|00 00 00 00|00 00 00 00',
    ],
    [
      'by group',
      encodeDelLink,
      { group: 9 },
      '28 00 00 00|11 00 05 00|00 00 00 00|00 00 00 00|00 00 00 00|00 00 00 00|00 00 00 00|00 00 00 00|08 00 1b 00|09 00 00 00',
    ],
    [
      'to read one',
      encodeGetLink,
      { index: 5, extMask: ['skipStats'] },
      '28 00 00 00|12 00 05 00|00 00 00 00|00 00 00 00|00 00 00 00|05 00 00 00|00 00 00 00|00 00 00 00|08 00 1d 00|08 00 00 00',
    ],
    [
      'to read all',
      encodeGetLinks,
      { extMask: ['skipStats'] },
      '28 00 00 00|12 00 01 03|00 00 00 00|00 00 00 00|00 00 00 00|00 00 00 00|00 00 00 00|00 00 00 00|08 00 1d 00|08 00 00 00',
    ],
  ])('a request %s', (_what, encode, record, expected) => {
    expect(words(encode(record))).toEqual(expected.split('|'))
  })
})

onLittleEndian('decoding', () => {
  const captured = goldenBytes(`
    78 00 00 00  nlmsg_len 120
    10 00 00 00  RTM_NEWLINK
    00 00 00 00
    00 00 00 00
    00 00 01 00  AF_UNSPEC, ARPHRD_ETHER
    05 00 00 00  ifi_index 5
    03 10 01 00  ifi_flags UP|BROADCAST|MULTICAST|LOWER_UP
    00 00 00 00
    0a 00 03 00  IFLA_IFNAME
    76 65 74 68
    30 00 00 00
    08 00 04 00  IFLA_MTU
    78 05 00 00
    05 00 10 00  IFLA_OPERSTATE
    06 00 00 00  IF_OPER_UP
    0a 00 01 00  IFLA_ADDRESS
    02 00 00 00
    00 01 00 00
    08 00 25 00  IFLA_LINK_NETNSID
    ff ff ff ff  -1
    08 00 ff 3f  an attribute that nobody knows
    01 02 03 04
    20 00 12 00  IFLA_LINKINFO, without the nested flag, as the kernel sends it
    09 00 01 00  IFLA_INFO_KIND
    76 65 74 68
    00 00 00 00
    10 00 02 00  IFLA_INFO_DATA
    0c 00 01 00  of the kind nothing that is read
    00 00 00 00
    00 00 00 00`)

  test('gives what is known by its name, and leaves out what is not', () => {
    expect(decodeLinks(captured)).toEqual([
      {
        index: 5,
        up: true,
        promisc: false,
        allmulticast: false,
        loopback: false,
        lowerUp: true,
        name: 'veth0',
        mtu: 1400,
        operstate: 'up',
        mac: '02:00:00:00:00:01',
        linkNetnsid: -1,
        kind: 'veth',
        data: {},
      },
    ])
  })

  test('each with its own text and address, whatever the one before had', () => {
    const aliases = ['eth', 'eth0', 'eth', 'é', 'é', 'ß', 'e']
    const macs = ['02:00:00:00:00:01', '02:00:00:00:00:01', 'fe:ff:ff:ff:ff:ff', '02:00:00:00:01:00', '00:00:00:00:00:00']
    const records = [...aliases.map((alias) => ({ index: 1, alias })), ...macs.map((mac) => ({ index: 1, mac }))]
    const decoded = decodeLinks(Buffer.concat(records.map((record) => encodeSetLink(record))))
    expect(decoded.map(({ alias, mac }) => alias ?? mac)).toEqual([...aliases, ...macs])
  })

  test('gives a record for each message, and none for those of another type', () => {
    const other = Buffer.from(captured)
    other.writeUInt16LE(17, 4)
    expect(decodeLinks(Buffer.concat([captured, other, captured]))).toHaveLength(2)
  })

  test('of nothing is nothing', () => {
    expect(decodeLinks(new Uint8Array(0))).toEqual([])
  })

  test('cut off anywhere gives nothing of the message that is cut', () => {
    for (let length = 0; length < captured.length; length++) expect(decodeLinks(captured.subarray(0, length))).toEqual([])
  })

  test('an attribute that is too short for its type is left out', () => {
    const short = goldenBytes(`
      28 00 00 00
      10 00 00 00
      00 00 00 00
      00 00 00 00
      00 00 01 00
      05 00 00 00
      00 00 00 00
      00 00 00 00
      06 00 04 00  IFLA_MTU of 2 bytes
      78 05 00 00`)
    expect(decodeLinks(short)[0]).not.toHaveProperty('mtu')
  })
})
