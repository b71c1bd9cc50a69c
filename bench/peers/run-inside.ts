/** Runs programs inside a namespace, as Node programs do today: start, feed, wait, look at how it ended. */
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import type { Netns } from 'netprim'

const maxBuffer = 1 << 30

/** Gives what the program wrote; throws what it complained about. */
export function runInside(netns: Netns, command: string, args: readonly string[], input = ''): string {
  const { error, status, stdout, stderr } = netns.run(() => spawnSync(command, args, { input, encoding: 'utf8', maxBuffer }))
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr || stdout || `ended with ${String(status)}`}`)
  return stdout
}

/** The same, without keeping the thread, as a server program does it. */
export async function runInsideAsync(
  netns: Netns,
  command: string,
  args: readonly string[],
  input: string,
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  const env = { ...process.env, ...environment }
  const running = netns.run(() => promisify(execFile)(command, args, { env, encoding: 'utf8', maxBuffer }))
  running.child.stdin?.end(input)
  try {
    return (await running).stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error([`${command}:`, stderr, stdout].filter(Boolean).join(' '), { cause: error })
  }
}
