/** A rule of docs/threat-model.md, taken out of the sources: what makes it, and what is there without it. */
export interface TakenOut {
  threat: number
  edits: { file: string; rule: string; without: string }[]
}

/** Threats whose rule is that something is not done at all, so that nothing can be taken out. */
export const NOTHING_TO_TAKE_OUT: Readonly<Record<number, string>> = {
  24: 'what a name means is looked up once; a copy has no way to ask again',
  38: 'no code reads a name from a label',
  41: 'no code reads a name from a manifest that a registry sent',
  64: 'the tests read the sources',
}

/** Each text stands in its file once. */
export const RULES: readonly TakenOut[] = [
  {
    threat: 1,
    edits: [
      {
        file: 'provider/archives/members/member-names.ts',
        rule: "  if (parts.includes('..')) throw unsafe(raw, archive)\n",
        without: '',
      },
    ],
  },
  {
    threat: 2,
    edits: [
      {
        file: 'provider/archives/members/member-names.ts',
        rule: "  if (raw.includes('\\0') || raw.startsWith('/') || parts.includes('..')) throw unsafe(raw, archive)\n",
        without: '',
      },
    ],
  },
  {
    threat: 3,
    edits: [
      {
        file: 'provider/archives/members/follow-links.ts',
        rule: "    if (member.target.startsWith('/')) throw unsafe(member.target, members.label)\n",
        without: '',
      },
    ],
  },
  {
    threat: 3,
    edits: [
      {
        file: 'provider/archives/members/follow-links.ts',
        rule: "    if (current.startsWith('..') || current.startsWith('/')) throw unsafe(name, members.label)\n",
        without: '',
      },
    ],
  },
  {
    threat: 4,
    edits: [
      {
        file: 'provider/archives/members/tar-index.ts',
        rule: "    if (entry.kind === 'other') throw unsafe(entry.rawName, archive, 'a device')\n",
        without: '',
      },
    ],
  },
  {
    threat: 5,
    edits: [
      {
        file: 'provider/archives/members/tar-index.ts',
        rule: "  const folded = member.name.normalize('NFC').toLowerCase()",
        without: '  const folded = member.name',
      },
    ],
  },
  {
    threat: 6,
    edits: [
      {
        file: 'provider/archives/members/member-names.ts',
        rule: '  if (!isPortable(name)) throw unportable(name, archive)\n',
        without: '',
      },
    ],
  },
  {
    threat: 7,
    edits: [
      {
        file: 'provider/io/files/inside-folder.ts',
        rule: "    if (!isBelow(real, await this.real))\n      return { kind: 'link', target, what: 'a link that leads out of the folder' }\n",
        without: '',
      },
    ],
  },
  {
    threat: 8,
    edits: [
      {
        file: 'manifests/digest.ts',
        rule: "  return match !== null && match[2]?.length === HEX_LENGTH[match[1] ?? '']",
        without: "  return value.includes(':')",
      },
    ],
  },
  {
    threat: 9,
    edits: [
      {
        file: 'provider/copy/verified-range.ts',
        rule: '  if (found.hex !== hex) throw digestMismatch(descriptor, `${algorithm}:${found.hex}`, label)\n',
        without: '',
      },
    ],
  },
  {
    threat: 10,
    edits: [
      {
        file: 'provider/archives/members/tar-entries.ts',
        rule: '  if (header.size !== 0 || size < OCTAL_LIMIT)',
        without: '  if (false as boolean)',
      },
    ],
  },
  {
    threat: 11,
    edits: [
      {
        file: 'provider/archives/members/tar-entries.ts',
        rule: "    if (key in known) throw invalid(archive, position, 'one name and size for a member', `two: ${key}`)",
        without:
          "    if (key === '') throw invalid(archive, position, 'one name and size for a member', `two: ${key}`)",
      },
    ],
  },
  {
    threat: 12,
    edits: [
      {
        file: 'provider/archives/members/tar-index.ts',
        rule: '  if (other && !isFolderAgain)',
        without: '  if (other && !isFolderAgain && index.size < 0)',
      },
    ],
  },
  {
    threat: 13,
    edits: [
      {
        file: 'provider/archives/members/tar-entries.ts',
        rule: '  const kind = KINDS[header.type]\n',
        without: "  const kind = KINDS[header.type] ?? 'file'\n",
      },
    ],
  },
  {
    threat: 14,
    edits: [
      {
        file: 'provider/archives/members/tar-entries.ts',
        rule: '      await refuseMembersBehindEnd(cursor, block, archive)\n',
        without: '',
      },
    ],
  },
  {
    threat: 15,
    edits: [
      {
        file: 'provider/archives/members/tar-index.ts',
        rule: '    if (entry.isSparse) throw sparse(entry.rawName, archive)\n',
        without: '',
      },
    ],
  },
  {
    threat: 16,
    edits: [
      {
        file: 'provider/archives/members/zip-places.ts',
        rule: '  if (!name.equals(entry.rawName))\n',
        without: '  if (name.length < 0)\n',
      },
    ],
  },
  {
    threat: 16,
    edits: [
      {
        file: 'provider/archives/members/zip-places.ts',
        rule: '  if (differs(size, entry.size)) throw disagree(entry, archive, `${entry.size} bytes`, `${size}`)\n',
        without: '',
      },
    ],
  },
  {
    threat: 17,
    edits: [
      {
        file: 'provider/archives/members/zip-end.ts',
        rule: '  if (only !== undefined && found.length === 1) return only',
        without: '  if (only !== undefined) return only',
      },
    ],
  },
  {
    threat: 17,
    edits: [
      {
        file: 'provider/archives/members/zip-places.ts',
        rule: '    if (entry.headerOffset !== position) throw notNext(entry, position, archive)\n',
        without: '',
      },
    ],
  },
  {
    threat: 18,
    edits: [
      {
        file: 'manifests/manifest.ts',
        rule: "    if (anyCase(m, key) !== undefined) findings.add(key, 'nothing, in a manifest', key)\n",
        without: '    anyCase(m, key)\n',
      },
    ],
  },
  {
    threat: 18,
    edits: [
      {
        file: 'manifests/manifest.ts',
        rule: '  else if (outer !== undefined && inner !== undefined && inner !== outer)',
        without: '  else if (outer !== undefined && inner === undefined && inner === outer)',
      },
    ],
  },
  {
    threat: 19,
    edits: [
      {
        file: 'manifests/json-structure.ts',
        rule: "          if (level.names.has(level.name)) findings.add(pathOf(open), 'one member of this name', level.name)\n",
        without: '',
      },
    ],
  },
  {
    threat: 19,
    edits: [
      {
        file: 'manifests/go-json.ts',
        rule: '    if (name !== undefined && name !== key) findings.add(where || \'(whole)\', `the spelling "${name}"`, key)',
        without: "    if (name === '') findings.add(where || '(whole)', `the spelling \"${name}\"`, key)",
      },
    ],
  },
  {
    threat: 20,
    edits: [
      {
        file: 'provider/copy/plan.ts',
        rule: '    if (diffIds !== manifest.layers.length)\n',
        without: '    if (diffIds < 0)\n',
      },
    ],
  },
  {
    threat: 21,
    edits: [
      {
        file: 'provider/archives/layers/check-layer.ts',
        rule: '    if (tar !== undefined && tar !== diffId) throw otherTar(label, diffId, tar)',
        without: "    if (tar === '') throw otherTar(label, diffId, tar)",
      },
    ],
  },
  {
    threat: 22,
    edits: [
      {
        file: 'provider/copy/copy.ts',
        rule: '  const document = plan.documents.get(descriptor.digest)\n',
        without: '  const document = undefined as Uint8Array | undefined\n',
      },
    ],
  },
  {
    threat: 23,
    edits: [
      {
        file: 'provider/copy/verified-range.ts',
        rule: '  if (found.hex !== hex) throw digestMismatch(descriptor, `${algorithm}:${found.hex}`, label)\n',
        without: '',
      },
      {
        file: 'provider/copy/verified.ts',
        rule: '  if (found !== descriptor.digest) throw digestMismatch(descriptor, found, label)\n',
        without: '',
      },
    ],
  },
  {
    threat: 25,
    edits: [
      {
        file: 'provider/store/checked-blobs.ts',
        rule: '      return true\n    return undefined\n',
        without: '      return true\n    return true\n',
      },
    ],
  },
  {
    threat: 26,
    edits: [
      {
        file: 'provider/store/checked-blobs.ts',
        rule: '    this.kept ??= this.isKept\n',
        without: '    this.kept ??= (true as boolean)\n',
      },
    ],
  },
  {
    threat: 27,
    edits: [
      {
        file: 'provider/formats/open/listed-media.ts',
        rule: '  if (fatal) throw refused(root, fatal)\n',
        without: '',
      },
    ],
  },
  {
    threat: 28,
    edits: [
      {
        file: 'provider/formats/media/lists.ts',
        rule: '  if (sums.bytes && expected.equals(sums.bytes)) return { list, problems: [] }',
        without: '  if (sums.bytes) return { list, problems: [] }',
      },
    ],
  },
  {
    threat: 29,
    edits: [
      {
        file: 'provider/archives/layers/layer-path.ts',
        rule: "  if (isForeign || raw.includes('\\0') || parts.includes('..') || parts.length > MAX_DEPTH)\n",
        without: '  if (isForeign)\n',
      },
    ],
  },
  {
    threat: 30,
    edits: [
      {
        file: 'provider/archives/layers/whiteout.ts',
        rule: '  if (leadsOut || !marked.every((part) => namesOneThing(part, os))) throw badWhiteout(raw, label)\n',
        without: '',
      },
    ],
  },
  {
    threat: 31,
    edits: [
      {
        file: 'provider/store/expand/folder-writer.ts',
        rule: "    return linkedPath(place.split('/'), target, 'windows').join('/')",
        without: '    return target',
      },
    ],
  },
  {
    threat: 32,
    edits: [
      {
        file: 'provider/inside/tree/merged-tree.ts',
        rule: "        left = [...linkedPath(this.nodes.path(known).split('/'), target, this.os), ...rest]",
        without: "        left = [...target.split('/'), ...rest]",
      },
    ],
  },
  {
    threat: 33,
    edits: [
      {
        file: 'provider/archives/layers/link-target.ts',
        rule: "  return [target.startsWith('/') ? [] : link.slice(0, -1), target]",
        without: '  return [link.slice(0, -1), target]',
      },
    ],
  },
  {
    threat: 34,
    edits: [
      {
        file: 'provider/store/expand/made-folders.ts',
        rule: '    if (stats.ino !== 0n) this.byNumber.set(numberOf(stats), folder)\n',
        without: '',
      },
    ],
  },
  {
    threat: 35,
    edits: [
      {
        file: 'provider/store/ingest.ts',
        rule: '{ mode: 0o444, modified: beforeNow(), lock }',
        without: '{ mode: 0o4777, modified: beforeNow(), lock }',
      },
      {
        file: 'provider/store/ingest-small.ts',
        rule: '{ mode: 0o444, modified: beforeNow() }',
        without: '{ mode: 0o4777, modified: beforeNow() }',
      },
    ],
  },
  {
    threat: 36,
    edits: [
      {
        file: 'provider/inside/unpack/special-files.ts',
        rule: 'const ORDERS = /^(trusted|user)\\.overlay\\./',
        without: 'const ORDERS = /^$/',
      },
    ],
  },
  {
    threat: 37,
    edits: [
      {
        file: 'manifests/reference.ts',
        rule: '  if (!isLocalRepository(repository) || !isTag(tag))\n',
        without: "  if (tag === '')\n",
      },
    ],
  },
  {
    threat: 39,
    edits: [{ file: 'provider/choice/newest.ts', rule: 'artifact === undefined && ', without: '' }],
  },
  {
    threat: 40,
    edits: [
      {
        file: 'provider/choice/same-place.ts',
        rule: '      if (other) throw onePlace(name, [other, image], remedy)\n',
        without: '',
      },
    ],
  },
  {
    threat: 42,
    edits: [
      {
        file: 'provider/copy/read-verified.ts',
        rule: '  if (descriptor.size > limit)\n',
        without: '  if (descriptor.size < 0)\n',
      },
    ],
  },
  {
    threat: 42,
    edits: [
      {
        file: 'provider/copy/verified.ts',
        rule: '    if (count > descriptor.size) throw sizeMismatch(descriptor, `more than ${descriptor.size}`, options.label)\n',
        without: '',
      },
    ],
  },
  {
    threat: 43,
    edits: [
      {
        file: 'provider/copy/documents-allowance.ts',
        rule: '    if (this.isSpent) throw this.tooMany()\n',
        without: '',
      },
    ],
  },
  {
    threat: 44,
    edits: [
      {
        file: 'manifests/json-structure.ts',
        rule: '        if (open.length === LIMITS.nesting) {',
        without: '        if (open.length < 0) {',
      },
    ],
  },
  {
    threat: 45,
    edits: [
      {
        file: 'provider/copy/nesting.ts',
        rule: '  if (depth < LIMITS.indexDepth) return\n',
        without: '  if (depth >= 0) return\n',
      },
    ],
  },
  {
    threat: 46,
    edits: [
      {
        file: 'manifests/manifest.ts',
        rule: '  else if (m.layers.length > LIMITS.layers)\n',
        without: '  else if (m.layers.length < 0)\n',
      },
    ],
  },
  {
    threat: 46,
    edits: [
      {
        file: 'manifests/image-index.ts',
        rule: '  else if (index.manifests.length > LIMITS.manifestsInIndex)\n',
        without: '  else if (index.manifests.length < 0)\n',
      },
    ],
  },
  {
    threat: 47,
    edits: [
      {
        file: 'provider/copy/plan.ts',
        rule: '    if (known === size) return\n',
        without: '    if (known >= 0) return\n',
      },
    ],
  },
  {
    threat: 48,
    edits: [
      {
        file: 'provider/archives/members/tar-index.ts',
        rule: '  if (index.size > MEMBER_LIMIT) throw tooManyMembers(archive)\n',
        without: '',
      },
    ],
  },
  {
    threat: 49,
    edits: [
      {
        file: 'provider/archives/members/compression.ts',
        rule: '      if (count > HARMLESS_BYTES && count > source.count * mostRatio) throw bomb(label, mostRatio)\n',
        without: '',
      },
    ],
  },
  {
    threat: 49,
    edits: [{ file: 'provider/archives/members/zip.ts', rule: '    refuseBomb(entry, path)\n', without: '' }],
  },
  {
    threat: 50,
    edits: [
      {
        file: 'provider/archives/members/zstd-frames.ts',
        rule: '  if (bytes <= WINDOW_LIMIT) return\n',
        without: '  if (bytes >= 0) return\n',
      },
    ],
  },
  {
    threat: 51,
    edits: [
      {
        file: 'provider/archives/members/tar-entries.ts',
        rule: '  if (header.size > EXTENSION_LIMIT)\n',
        without: '  if (header.size < 0)\n',
      },
    ],
  },
  {
    threat: 52,
    edits: [
      {
        file: 'provider/formats/open/open-path.ts',
        rule: '  if (options.isInner) refuseNested(path)\n',
        without: '',
      },
    ],
  },
  {
    threat: 53,
    edits: [
      {
        file: 'provider/formats/wim/read/resource-table.ts',
        rule: '  if (header.size > MAX_TABLE)\n',
        without: '  if (header.size < 0)\n',
      },
    ],
  },
  {
    threat: 54,
    edits: [
      {
        file: 'provider/formats/seven-zip/listing.ts',
        rule: "  if (isLink || techInfo.get('Hard Link')) throw unsafe(name, archive, 'a link')\n",
        without: '',
      },
    ],
  },
  {
    threat: 55,
    edits: [
      {
        file: 'provider/delta/blocks/join.ts',
        rule: '    if (answer.hex !== hex)\n',
        without: "    if (answer.hex === '')\n",
      },
    ],
  },
  {
    threat: 56,
    edits: [
      {
        file: 'provider/recovery/file-name.ts',
        rule: "  if (/[/\\\\\\0]/.test(name) || name === '' || name === '.' || name === '..') throw unsafe(name, where)\n",
        without: '',
      },
    ],
  },
  {
    threat: 57,
    edits: [
      {
        file: 'manifests/media-list.ts',
        rule: "  if (typeof path !== 'string' || path.length > 1000 || path !== printable(path)) return false\n  return path.split",
        without: "  if (typeof path === 'string') return true\n  return String(path).split",
      },
    ],
  },
  {
    threat: 58,
    edits: [
      {
        file: 'provider/inside/packages/rpm/sqlite.ts',
        rule: "  if (depth > DEEPEST || seen.has(page)) throw new Unreadable('its pages go in a circle')\n",
        without: '',
      },
    ],
  },
  {
    threat: 59,
    edits: [
      {
        file: 'provider/inside/packages/findings.ts',
        rule: '  return line.length <= longest\n',
        without: '  return line.length <= 1e9\n',
      },
    ],
  },
  {
    threat: 60,
    edits: [
      {
        file: 'provider/inside/database/check-database.ts',
        rule: '  if (found !== header.sha256) throw damagedDatabase(`SHA-256 ${header.sha256}`, `SHA-256 ${found}`, file)\n',
        without: '',
      },
    ],
  },
  {
    threat: 61,
    edits: [
      { file: 'provider/inside/ignored/read-ignored.ts', rule: '    findings.throwIfAny()\n', without: '' },
    ],
  },
  {
    threat: 62,
    edits: [
      {
        file: 'provider/archives/members/zip.ts',
        rule: "    if (count > entry.size) throw damaged(entry, archive, `${entry.size} bytes`, 'more')\n",
        without: '',
      },
    ],
  },
  {
    threat: 63,
    edits: [
      {
        file: 'provider/io/files/own-file.ts',
        rule: '  if (!stats) return false\n  if (!stats.isFile()) throw inTheWay(file, kindOf(stats))\n  return true',
        without: '  return stats?.isFile() ?? false',
      },
    ],
  },
  {
    threat: 65,
    edits: [
      {
        file: 'provider/io/files/own-file.ts',
        rule: "  if (stats.nlink > 1n) throw inTheWay(file, 'a file that has another name')\n",
        without: '',
      },
    ],
  },
  {
    threat: 65,
    edits: [
      {
        file: 'provider/io/files/own-file.ts',
        rule: '  return isLeft(file, stats) && stats.nlink <= 1 ? stats.size : undefined',
        without: '  return isLeft(file, stats) ? stats.size : undefined',
      },
    ],
  },
  {
    threat: 66,
    edits: [
      {
        file: 'provider/io/files/folder-below.ts',
        rule: '  const target = stats.isSymbolicLink() ?',
        without: '  if (stats.isSymbolicLink()) return true\n  const target = stats.isSymbolicLink() ?',
      },
    ],
  },
  {
    threat: 67,
    edits: [
      {
        file: 'provider/io/files/regular-file.ts',
        rule: '  if (found.isFile()) return\n  throw codedError',
        without: '  if (found !== undefined) return\n  throw codedError',
      },
    ],
  },
  {
    threat: 68,
    edits: [
      {
        file: 'provider/io/files/read-document.ts',
        rule: '      if (size > limit) throw tooLarge(file, limit, size, side)\n      // A file',
        without: '      // A file',
      },
    ],
  },
  {
    threat: 69,
    edits: [
      {
        file: 'provider/io/files/lock.ts',
        rule: "  if (stats?.isDirectory()) throw codedError('IN_THE_WAY', `${file} is a folder`)",
        without: "  if (stats?.isFIFO()) throw codedError('IN_THE_WAY', `${file} is a folder`)",
      },
    ],
  },
  {
    threat: 70,
    edits: [
      {
        file: 'provider/store/leftovers.ts',
        rule: '  if (isOne(FILES)) return',
        without: "  if (base !== '') return",
      },
    ],
  },
  {
    threat: 71,
    edits: [
      {
        file: 'provider/store/expand/expand.ts',
        rule: '  if (other !== undefined || !isOurs)\n',
        without: "  if (other === '')\n",
      },
    ],
  },
  {
    threat: 72,
    edits: [
      {
        file: 'provider/registry/realm.ts',
        rule: "  return areSiblings(host, from) || (host.includes('.') && from.endsWith(`.${host}`))",
        without: '  return true',
      },
    ],
  },
  {
    threat: 73,
    edits: [
      {
        file: 'provider/registry/realm.ts',
        rule: "  if (!plainIsFair) throw refused(registry, 'it is not reached over https', 'https', show(url.origin))\n",
        without: '',
      },
    ],
  },
  {
    threat: 74,
    edits: [
      {
        file: 'provider/registry/redirects.ts',
        rule: '  const headers = url.origin === request.url.origin ? request.headers : withoutCredentials(request.headers)',
        without:
          "  const headers = url.origin === '' ? withoutCredentials(request.headers) : request.headers",
      },
    ],
  },
  {
    threat: 75,
    edits: [
      {
        file: 'provider/registry/redirects.ts',
        rule: "  if (from.protocol === 'https:') throw refused(from, 'it leads from https to http', 'https', to.host)\n",
        without: '',
      },
    ],
  },
  {
    threat: 76,
    edits: [
      {
        file: 'provider/registry/redirects.ts',
        rule: "  const reach = transport.isPrivate(request.url) ? request.reach : 'public'",
        without: '  const reach = transport.isPrivate(request.url) ? request.reach : request.reach',
      },
    ],
  },
  {
    threat: 77,
    edits: [
      {
        file: 'provider/registry/redirects.ts',
        rule: '    if (hops === MOST)\n',
        without: '    if (hops === 60)\n',
      },
    ],
  },
  {
    threat: 78,
    edits: [
      {
        file: 'provider/registry/foreign.ts',
        rule: '  if (!isAllowed(url, allowed))\n',
        without: '  if (allowed.length < 0)\n',
      },
    ],
  },
  {
    threat: 79,
    edits: [
      {
        file: 'provider/copy/verified.ts',
        rule: '  if (found !== descriptor.digest) throw digestMismatch(descriptor, found, label)\n',
        without: '',
      },
    ],
  },
  {
    threat: 80,
    edits: [
      {
        file: 'provider/registry/allowance.ts',
        rule: '    if (this.remaining < 0) throw tooMuch(this.subject, `${this.bounds.bytes} bytes`)\n',
        without: '',
      },
    ],
  },
  {
    threat: 81,
    edits: [
      {
        file: 'provider/registry/pace.ts',
        rule: '    if (this.bytes < least) throw new TooSlow(this.bytes, least, this.window)\n',
        without: '',
      },
    ],
  },
  {
    threat: 82,
    edits: [
      {
        file: 'provider/registry/body.ts',
        rule: '      if (length > limit) throw tooLarge(length)\n',
        without: '',
      },
    ],
  },
  {
    threat: 83,
    edits: [
      {
        file: 'provider/registry/courier.ts',
        rule: '        if (wait > this.longestPause(request)) return answer\n',
        without: '        if (wait > 5 * this.longestPause(request)) return answer\n',
      },
    ],
  },
  {
    threat: 84,
    edits: [
      {
        file: 'provider/registry/endpoints.ts',
        rule: '    if (!insecure && !isLoopbackHost(secure.hostname)) return secure\n',
        without: '',
      },
    ],
  },
  {
    threat: 85,
    edits: [
      {
        file: 'provider/registry/answer-error.ts',
        rule: '    const said = (words: string) => printable(withoutSent(words, secrets))',
        without: '    const said = (words: string) => withoutSent(words, secrets)',
      },
    ],
  },
  {
    threat: 86,
    edits: [
      {
        file: 'cli/output/outlet.ts',
        rule: "  return text.replace(/(?!\\t)[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]/gu, '?')",
        without: '  return text',
      },
    ],
  },
  {
    threat: 87,
    edits: [
      {
        file: 'manifests/messages.ts',
        rule: '  if (text.length <= most) return text\n',
        without: '  if (text.length >= 0) return text\n',
      },
    ],
  },
  {
    threat: 88,
    edits: [
      {
        file: 'provider/formats/media/page/escape.ts',
        rule: "  return printable(String(value)).replace(/[&<>\"']/g, (sign) => SIGNS[sign] ?? '')",
        without: '  return printable(String(value))',
      },
    ],
  },
  {
    threat: 89,
    edits: [
      {
        file: 'manifests/messages.ts',
        rule: '  if (!/[@?#]/.test(text)) return text\n  return text.replace',
        without: '  if (text.length >= 0) return text\n  return text.replace',
      },
    ],
  },
  {
    threat: 90,
    edits: [
      {
        file: 'provider/io/files/durable.ts',
        rule: 'export async function makeFolder(folder: string, mode = 0o755)',
        without: 'export async function makeFolder(folder: string, mode = 0o777)',
      },
    ],
  },
  {
    threat: 91,
    edits: [
      {
        file: 'provider/io/programs/find-program.ts',
        rule: '  return entries.filter((entry) => isFullPath(entry, platform))',
        without: "  return entries.map((entry) => entry || '.')",
      },
    ],
  },
  {
    threat: 92,
    edits: [
      {
        file: 'provider/io/files/lock.ts',
        rule: "  return life === 'unknown' ? untouched > silence : life === 'over'",
        without: "  return life !== 'lives'",
      },
    ],
  },
  {
    threat: 93,
    edits: [
      {
        file: 'cli/terminal/signals.ts',
        rule: '    late = setTimeout(() => giveUp(reason), patience)',
        without: '    late = setTimeout(() => giveUp(reason), 100 * patience)',
      },
    ],
  },
  {
    threat: 94,
    edits: [
      {
        file: 'provider/engine/docker/images.ts',
        rule: "typeof Id !== 'string' || !isDigest(Id)",
        without: "Id === ''",
      },
    ],
  },
  {
    threat: 95,
    edits: [
      {
        file: 'provider/engine/docker/plain-layer.ts',
        rule: '  return verified(content.open(0), descriptor, { signal })',
        without: '  return content.open(0)',
      },
    ],
  },
  {
    threat: 96,
    edits: [
      {
        file: 'provider/serve/route.ts',
        rule: '  if (isRepository(text)) return text\n',
        without: "  if (text !== '') return text\n",
      },
    ],
  },
  {
    threat: 97,
    edits: [
      {
        file: 'provider/serve/http-server.ts',
        rule: '    server.headersTimeout = headersMs\n',
        without: '    server.headersTimeout = 0\n',
      },
    ],
  },
  {
    threat: 98,
    edits: [
      {
        file: 'provider/serve/authorization.ts',
        rule: '    if (this.passwords.isOverrun)\n',
        without: '    if (this.passwords === undefined)\n',
      },
    ],
  },
  {
    threat: 99,
    edits: [
      {
        file: 'cli/ui/server/refusals.ts',
        rule: "  if (headers.host !== host) return { status: 421, message: 'This host is not served here.' }\n",
        without: '',
      },
    ],
  },
  {
    threat: 99,
    edits: [
      {
        file: 'cli/ui/server/refusals.ts',
        rule: '  if (headers.origin !== undefined && headers.origin !== `http://${host}`)\n',
        without: "  if (headers.origin === '')\n",
      },
    ],
  },
  {
    threat: 100,
    edits: [
      {
        file: 'cli/ui/server/headers.ts',
        rule: '  "script-src \'self\'",\n',
        without: "  \"script-src 'self' 'unsafe-inline'\",\n",
      },
    ],
  },
]
