/** Refuses a link of another kind than its class is for. */
import { NetprimError, errnoOf } from '../errors.js'
import type { LinkRecord } from '../link-record.js'

/** Throws if the link is of another kind. */
export function refuseOtherKind(record: LinkRecord, kind: string, operation: string): void {
  if (record.kind === kind) return
  const detail = `the link is no ${kind} but ${record.kind === undefined ? 'a device without a kind' : `a ${record.kind}`}`
  throw new NetprimError({ errno: errnoOf('EOPNOTSUPP'), syscall: 'RTM_GETLINK', operation, target: record.name, detail })
}
