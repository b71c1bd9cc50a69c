/** Nothing, asked of another thread: what it costs to leave the JavaScript thread and to come back. netprim has no part in it. */
import { defineCase } from '../case.js'

export const hop = defineCase({
  name: 'hop',
  title: 'bare round trip from the JavaScript thread to a native one and back',
  count: 1000,
  manners: [],
  rounds: 20,
  prepare: () => Promise.reject(new Error('netprim has no part in this case')),
})
