// What an operation throws, as a value to look at.
import { NetprimError } from 'netprim'

/** The error that the promise is rejected with; throws if it is not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('the promise was not rejected')
}

/** The NetprimError that the promise is rejected with; throws if it is not, or with another. */
export async function refusal(promise: Promise<unknown>): Promise<NetprimError> {
  const error = await rejection(promise)
  if (error instanceof NetprimError) return error
  throw error
}
