/** Several requests as one: whatever becomes of one, the others are waited for. */

/** Waits until all have been answered, then throws the first refusal if there was one. */
export async function allAnswered<const Requests extends readonly unknown[]>(
  requests: Requests,
): Promise<{ -readonly [At in keyof Requests]: Awaited<Requests[At]> }> {
  const answers = await Promise.allSettled(requests)
  return answers.map((answer) => {
    if (answer.status === 'rejected') throw answer.reason
    return answer.value
  }) as { -readonly [At in keyof Requests]: Awaited<Requests[At]> }
}
