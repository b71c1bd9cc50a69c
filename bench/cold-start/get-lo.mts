/** Program: what a short-lived process does with netprim. */
import { Link } from 'netprim'

if ((await Link.get('lo')).name !== 'lo') process.exitCode = 1
