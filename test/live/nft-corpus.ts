// Rulesets as nft(8) writes them: what netprim reads and writes as `nft` itself does.

/** The ruleset of a bridge network: a constant number of rules, and everything else in sets and maps. */
const bridgeNetwork = `
table inet netprim {
  set bridges { type ifname; elements = { "br0", "br-web" } }
  set internal { type ifname; }
  set bridged { type ifname . ifname; elements = { "br0" . "br0" } }
  set masqueraded { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 172.18.0.0/16, 1.2.3.4-1.2.3.9, 5.5.5.5 } }
  set hairpin { type ipv4_addr . ipv4_addr; flags interval; elements = { 10.0.0.0/8 . 10.0.0.0/8, 1.2.3.4 . 1.1.1.1-1.1.1.5 } }
  set addresses { type ifname . ipv4_addr; elements = { "br0" . 1.2.3.4 comment "web/db" } }
  map published { type inet_proto . inet_service : ipv4_addr . inet_service; elements = { tcp . 8080 comment "web" : 1.2.3.4 . 80 } }
  map published_at { type inet_proto . ipv4_addr . inet_service : ipv4_addr . inet_service; }
  chain raw_prerouting { type filter hook prerouting priority -300; iifname @bridges ip daddr 127.0.0.0/8 drop; }
  chain publish {
    dnat ip addr . port to meta l4proto . ip daddr . th dport map @published_at
    dnat ip addr . port to meta l4proto . th dport map @published
  }
  chain prerouting { type nat hook prerouting priority -100; fib daddr type local jump publish; }
  chain output { type nat hook output priority -100; fib daddr type local jump publish; }
  chain postrouting { type nat hook postrouting priority 100;
    ip saddr @masqueraded oifname != @bridges masquerade
    ct status dnat ip saddr . ip daddr @hairpin masquerade
    ct status dnat ip saddr 127.0.0.0/8 oifname @bridges masquerade
  }
  chain forward { type filter hook forward priority 0;
    ct state established,related accept
    oifname @bridges ct status dnat accept
    iifname . oifname @bridged accept
    iifname @internal drop
    oifname @bridges drop
  }
}`

function inChain(rules: string): string {
  return `
table inet t {
  set s4 { type ipv4_addr; }
  map m { type inet_service : ipv4_addr; }
  map vm { type inet_service : verdict; }
  chain other { }
  chain c { type filter hook input priority 0; policy drop;
${rules}
  }
}`
}

const interfaces = inChain(`
    iif lo accept
    iif != lo accept
    oifname "eth*" drop
    iifname != "br0" drop
    iifname { "a", "b*" } drop
    iifname { "a", "bcd", "abc" } drop
    iifname . oifname { "a" . "b", "c" . "d" } accept
    meta iiftype ether`)

const meta = inChain(`
    meta l4proto tcp accept
    meta l4proto { tcp, udp } accept
    meta l4proto != tcp drop
    meta nfproto ipv4 accept
    meta protocol ip accept
    meta mark 0x10 accept
    meta mark 0x10-0x20 accept
    meta mark > 5 accept
    meta mark { 1-5, 7 } accept
    meta mark and 0xff == 0x10 accept
    meta mark and 0xff != 0x10 accept
    meta mark and 0xffffff00 == 0x100 accept
    meta mark & 0x4 != 0 accept
    meta mark set 0x42
    meta mark set ct mark
    meta mark set meta mark and 0xff or 0x100
    meta mark set meta mark xor 0x3
    meta mark set meta mark or 0x3
    meta mark set tcp dport map { 22 : 1, 80 : 2 }
    meta length > 1000
    meta pkttype broadcast
    meta skuid 0
    meta nftrace set 1
    meta day "Sunday"
    meta priority "1:2"
    meta priority none
    meta priority { "1:2", none }
    meta priority > "1:2"
    meta priority set "ffff:0"
    meta iif 0
    meta oif 99`)

const conntrack = inChain(`
    ct mark set meta mark
    ct mark set 7
    ct zone set 5
    ct event set new
    ct event set new,destroy
    ct mark 5 accept
    ct mark and 1 == 1
    ct state new accept
    ct state established,related accept
    ct state established,new,invalid,related,untracked
    ct state { new, established } accept
    ct state == established
    ct state != established accept
    ct status dnat accept
    ct status snat,dnat accept
    ct status != dnat
    ct status & dnat == 0 accept
    ct direction original accept
    ct original ip saddr 1.2.3.4
    ct original ip saddr 1.2.3.0/24
    meta l4proto tcp ct original proto-dst 80
    ct expiration 30s
    ct packets > 5
    ct state vmap { established : accept, invalid : drop, new : jump other }`)

const fib = inChain(`
    fib daddr type local accept
    fib daddr . iif type != local drop
    fib saddr . iif oif missing drop
    fib saddr . iif oif exists drop
    fib saddr . iif oif "lo" drop
    fib saddr . iif oif 0
    fib saddr . mark oifname "eth0" accept
    fib daddr type { local, broadcast } accept`)

const network = inChain(`
    ip saddr 1.2.3.4 accept
    ip saddr != 1.2.3.4 accept
    ip saddr 10.0.0.0/8 accept
    ip saddr 172.18.0.0/15 accept
    ip saddr != 172.18.0.0/15 accept
    ip saddr 0.0.0.0/0 accept
    ip saddr 1.2.3.4-1.2.3.9 accept
    ip saddr != 1.2.3.4-1.2.3.9 accept
    ip saddr { 1.2.3.4, 5.6.7.8 } accept
    ip saddr { 10.0.0.0/8, 1.2.3.4-1.2.3.9 } accept
    ip saddr { 1.0.0.0/8, 2.0.0.0/8, 255.0.0.0/8 }
    ip saddr { 10.0.0.0/8 }
    ip saddr != { 1.2.3.4, 5.6.7.8 } accept
    ip saddr @s4 accept
    ip saddr 1.2.3.4 ip daddr 5.6.7.8 accept
    ip saddr < 1.2.3.4 accept
    ip saddr & 255.0.0.255 == 1.0.0.4
    ip protocol tcp accept
    ip protocol tcp tcp dport 22 accept
    ip ttl 5 accept
    ip ttl > 5 accept
    ip ttl 5 ip protocol 6 accept
    ip dscp cs1 accept
    ip dscp != cs1
    ip dscp { cs1, cs2 }
    ip version 4 accept
    ip length 100-200 accept
    ip length 5 ip id 6 accept
    ip frag-off & 0x1fff != 0 accept
    ip6 saddr fe80::1 accept
    ip6 saddr ::1 accept
    ip6 saddr ::ffff:1.2.3.4 accept
    ip6 saddr 2001:db8:0:0:1::1 accept
    ip6 daddr fe80::/10 accept
    ip6 daddr 2001:db8::/32 accept
    ip6 nexthdr tcp accept
    ip6 hoplimit 1 accept
    ip6 dscp cs1
    ip6 flowlabel 5
    icmp type echo-request accept
    icmp type { echo-request, echo-reply } accept
    icmp type echo-request icmp code 0
    icmpv6 type { echo-request, nd-neighbor-solicit } accept
    icmpv6 type nd-router-advert`)

const transport = inChain(`
    tcp dport 22 accept
    tcp dport { 22 } accept
    tcp dport != { 22 }
    tcp dport { 22, 80 } accept
    tcp dport { 22, 80-90 } accept
    tcp dport { 22-23 }
    tcp dport 1000-2000 accept
    tcp dport != 1000-2000 accept
    tcp dport >= 1024 accept
    tcp dport < 1024 accept
    tcp sport 1 tcp dport 2 accept
    tcp sport 1 tcp dport { 1, 2 }
    tcp flags syn accept
    tcp flags == syn
    tcp flags != syn
    tcp flags & (syn|ack) == syn accept
    tcp flags & (fin|syn|rst|ack) == syn accept
    tcp flags { syn, ack } accept
    udp dport 53 accept
    udp length 20 accept
    th dport 53 accept
    meta l4proto { tcp, udp } th dport 53 accept
    meta l4proto udp udp dport 53 accept
    meta l4proto tcp th dport 5
    meta nfproto ipv4 tcp dport 22 accept
    ip saddr 1.2.3.4 tcp dport 22 counter accept
    tcp dport 22 ip saddr 1.2.3.4 counter packets 5 bytes 10 comment "hello"
    ip saddr . tcp dport { 1.2.3.4 . 22, 5.6.7.8 . 80 } accept
    ip saddr . tcp dport { 10.0.0.0/8 . 22-23, 5.6.7.8 . 80 } accept
    iifname . ip saddr { "a" . 1.2.3.4 } accept
    ip saddr . iif { 1.2.3.4 . "lo" }`)

const verdicts = inChain(`
    tcp dport vmap { 22 : accept, 80 : jump other, 100-200 : goto other }
    tcp dport vmap @vm
    ip saddr . tcp dport vmap { 1.2.3.4 . 22 : accept }
    ip saddr vmap { 1.2.3.4 : accept, * : drop }
    jump other
    goto other
    return
    continue
    counter
    drop`)

const others = inChain(`
    log prefix "x " level info
    log group 2
    log flags all
    log prefix "y" flags tcp sequence,options
    log flags skuid
    log
    limit rate 5/second burst 10 packets
    limit rate over 1 mbytes/minute
    reject
    reject with tcp reset
    reject with icmp host-unreachable
    reject with icmpv6 no-route
    reject with icmpx no-route
    ip6 saddr ::1 reject with icmpv6 no-route
    ip saddr 1.2.3.4 reject with icmp host-unreachable
    tcp dport 22 reject with tcp reset
    ip saddr 1.2.3.4 reject
    notrack`)

const nat = `
table inet t {
  map m { type inet_service : ipv4_addr; }
  map k { type ifname : ipv6_addr; elements = { "eth0" : fe80::1, "a" : ::1, "zz" : ::2, "ab": ::3 } }
  chain pre { type nat hook prerouting priority dstnat; jump d; }
  chain post { type nat hook postrouting priority srcnat; jump s; }
  chain d {
    dnat ip to 1.2.3.4
    tcp dport 80 dnat ip to 1.2.3.4:8080
    tcp dport 80 dnat ip to 1.2.3.4:8080-8090
    tcp dport 80 dnat to :8080
    dnat ip to 1.2.3.4-1.2.3.9
    dnat ip to 1.2.3.4-1.2.3.9 random,persistent
    dnat ip6 to fe80::1
    tcp dport 80 dnat ip6 to [fe80::1]:80
    dnat ip to tcp dport map { 80 : 1.2.3.4, 90 : 5.6.7.8 }
    dnat ip to tcp dport map @m
    dnat ip addr . port to tcp dport map { 80 : 1.2.3.4 . 8080, 81 : 2.2.2.2 . 90 }
    dnat ip6 to iifname map @k
    tcp dport 80 redirect to :8080
    tcp dport 80 redirect to :8080-8090 random
    redirect
  }
  chain s {
    masquerade
    masquerade random
    masquerade fully-random,persistent
    meta l4proto tcp masquerade to :1024-65535
    ip saddr 1.0.0.0/8 snat ip to 1.2.3.4
    snat ip to 1.2.3.4-1.2.3.5 fully-random
  }
}`

const sets = `
table inet i {
  set a { type mark; flags interval; elements = { 1-5, 7, 0xff00-0xffff } }
  set b { type inet_service; flags interval; elements = { 1-5, 7-65535, 0 }; comment "ports"; }
  set c { type ipv4_addr; flags interval; elements = { 1.0.0.0/8, 2.0.0.0/8, 240.0.0.0/4, 9.9.9.9 comment "nine" } }
  set d { type ipv4_addr; flags timeout; timeout 1h; gc-interval 10s; size 500; elements = { 1.2.3.4 timeout 50m, 1.2.3.5 } }
  set e { type ipv4_addr; flags constant; elements = { 1.2.3.4 } }
  set f { type ipv4_addr; counter; elements = { 1.2.3.4 } }
  set g { type ipv6_addr . inet_proto . inet_service; elements = { fd00::1 . udp . 53 } }
  set h { type ct_state; elements = { new, established } }
  set l { type ether_addr; elements = { 02:00:00:00:00:01 } }
  map n { type ipv4_addr . inet_service : verdict; flags interval; elements = { 1.2.3.0/24 . 1-5 : accept, 1.2.4.0/24 . 7 : jump x } }
  map o { type ipv4_addr : mark; flags interval; elements = { 1.0.0.0/8 : 5, 2.0.0.0-2.0.0.5 : 6, * : 9 } }
  map p { type inet_proto . inet_service : ipv4_addr . inet_service; elements = { tcp . 80 : 1.2.3.4 . 1, udp . 70 : 1.1.1.1 . 5, tcp . 256: 1.1.1.1 . 2, 200 . 80 : 1.1.1.1 . 3 } }
  chain x {
    meta mark set ip saddr map @o
    ip saddr . tcp dport vmap @n
    ether saddr @l
    ether saddr 01:02:03:04:05:06 ip saddr 1.2.3.4
    ip saddr 1.2.3.4 ether saddr 01:02:03:04:05:06
    ether type ip
  }
}`

const families = `
table ip q {
  chain c { type filter hook input priority 0;
    tcp dport 22 accept
    ip saddr 1.2.3.4 ip daddr 5.6.7.8 accept
    icmp code 3
    ip protocol { tcp, udp } th dport 5
    reject with icmp host-unreachable
    reject with tcp reset
  }
  chain n { type nat hook prerouting priority dstnat;
    tcp dport 80 dnat to 1.2.3.4:8080
    dnat to 1.2.3.4
    tcp dport 81 redirect to :82
  }
}
table ip6 q6 {
  chain c { type filter hook forward priority filter;
    ip6 daddr fd00::/8 tcp dport 22 drop
    meta l4proto ipv6-icmp
    reject
    reject with icmpv6 no-route
    reject with tcp reset
  }
}
table bridge br {
  chain c { type filter hook input priority 0;
    ip saddr 1.2.3.4 tcp dport 5
    ether saddr 01:02:03:04:05:06
    ether saddr 01:02:03:04:05:06 ip saddr 1.2.3.4
    ether daddr 01:02:03:04:05:06 ether saddr 1:1:1:1:1:1
    tcp sport 5 tcp dport 6 tcp sequence 5
    ip6 hoplimit 5 ip6 saddr ::1
    meta protocol ip tcp dport 5
    arp operation request
  }
}
table arp a {
  chain c { type filter hook input priority 0;
    arp operation request
    arp operation { request, reply }
    arp htype 1 arp ptype ip arp hlen 6
    arp saddr ip 1.2.3.4
    arp saddr ether 01:02:03:04:05:06 arp daddr ip 10.0.0.0/8
  }
}`

/** By name; each is a whole ruleset. */
export const corpus: Readonly<Record<string, string>> = {
  'a bridge network': bridgeNetwork,
  interfaces,
  meta,
  conntrack,
  fib,
  'network headers': network,
  'transport headers': transport,
  verdicts,
  'other statements': others,
  nat,
  sets,
  families,
}
