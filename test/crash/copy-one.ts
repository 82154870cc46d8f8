import { copyFile } from '../../provider/io/hashing/copy-file.js'
import { Hasher } from '../../provider/io/hashing/hasher.js'

/** Copies one file in a process of its own: `copy-one.js FROM TO`. */
const [from = '', to = ''] = process.argv.slice(2)
const hasher = new Hasher()
await copyFile(from, to, { hasher }).finally(() => hasher.close())
