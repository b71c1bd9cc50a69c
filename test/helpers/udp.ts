// A real UDP server and a real UDP client, each a process of its own in a namespace; HTTP ones are in examples/http.ts.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { Netns } from 'netprim'

const serverProgram = `
  const [port, name] = process.argv.slice(1)
  const socket = require('node:dgram').createSocket('udp4')
  socket.on('message', (message, { port, address }) => socket.send(name + ' saw ' + address, port, address))
  socket.bind(Number(port), () => console.log('listening'))
`

const clientProgram = `
  const [address, port, sourcePort, timeout] = process.argv.slice(1)
  const socket = require('node:dgram').createSocket('udp4')
  const end = (answer) => { process.stdout.write(answer); socket.close(); clearTimeout(timer) }
  const timer = setTimeout(end, Number(timeout), 'ETIMEDOUT')
  socket.on('message', (message) => end(message.toString()))
  socket.on('error', ({ code }) => end(code))
  socket.bind(Number(sourcePort), () => socket.connect(Number(port), address, (error) => error ? end(error.code) : socket.send('who?')))
`

/** Starts a server in the namespace that answers each datagram with its name and the address it saw; resolves once it listens. */
export async function serveUdp(netns: Netns, port: number, name: string): Promise<ChildProcess> {
  const server = netns.spawn(process.execPath, ['-e', serverProgram, String(port), name], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(server.stdout!, 'data')
  return server
}

/** Sends one datagram; gives its answer, or the code of the error (`'ECONNREFUSED'`, `'ETIMEDOUT'`). */
export async function askUdp(netns: Netns, address: string, port: number, sourcePort = 0, timeout = 500): Promise<string> {
  const args = [address, String(port), String(sourcePort), String(timeout)]
  const client = netns.spawn(process.execPath, ['-e', clientProgram, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  return text(client.stdout!)
}
