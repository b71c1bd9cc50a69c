/** Program: makes the network of the containers' cases in the namespace where it stands, and leaves it there. */
import { makeNetwork } from './container-host.js'
import { Netns } from 'netprim'

void makeNetwork(Netns.current())
