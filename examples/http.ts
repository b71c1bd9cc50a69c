/** A real HTTP server and a real client, each a process of its own in a namespace; shared by the examples. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { Netns } from 'netprim'

const serverProgram = `
  const http = require('node:http')
  const [port, name] = process.argv.slice(1)
  const server = http.createServer((request, response) => {
    response.end(name + ' saw ' + request.socket.remoteAddress.replace('::ffff:', ''))
  })
  server.listen(Number(port), () => console.log('listening'))
`

const clientProgram = `
  const http = require('node:http')
  const [url, timeout] = process.argv.slice(1)
  const request = http.get(url, { timeout: Number(timeout), agent: false }, async (response) => {
    for await (const chunk of response) process.stdout.write(chunk)
  })
  request.on('timeout', () => request.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })))
  request.on('error', (error) => process.stdout.write(error.code))
`

/** Starts a server in the namespace that answers who it is and which address it saw; resolves once it listens. */
export async function serve(netns: Netns, port: number, name: string): Promise<ChildProcess> {
  const server = netns.spawn(process.execPath, ['-e', serverProgram, String(port), name], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (server.stdout !== null) await once(server.stdout, 'data')
  return server
}

/** Asks a server from inside the namespace; gives its answer, or the code of the error (`'ECONNREFUSED'`, `'ETIMEDOUT'`). */
export async function get(netns: Netns, url: string, timeout = 1000): Promise<string> {
  const client = netns.spawn(process.execPath, ['-e', clientProgram, url, String(timeout)], { stdio: ['ignore', 'pipe', 'inherit'] })
  return client.stdout === null ? '' : text(client.stdout)
}

/** Ends a server and waits for its end. */
export async function stop(server: ChildProcess): Promise<void> {
  const ended = once(server, 'exit')
  server.kill()
  await ended
}
