import net from 'node:net'
import { answering } from '../windows.js'
import { KEEPS_READ_ONLY, NEEDS_PRIVILEGE } from './refusals.js'

/*
 * Loaded before anything else by the Windows build of Node under Wine, in every process and thread: makes of Wine 8 what
 * Windows is for a user without privileges. What a file refuses while it is open, Wine plays itself.
 */

/** Wine replaces what is read-only, and says of a link that it was made. */
answering({ rename: KEEPS_READ_ONLY, symlink: NEEDS_PRIVILEGE })

/** Wine has no TCP_KEEPALIVE; undici asks for it before it connects, and every connection would fail. */
net.Socket.prototype.setKeepAlive = function setKeepAlive(): net.Socket {
  return this
}
