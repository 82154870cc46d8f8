import { compareNumbers, compareTexts } from './natural.js'

/**
 * The order of Maven's versions (maven.apache.org/pom.html, "Version Order Specification"; ComparableVersion of
 * maven-artifact).
 * @returns below 0 where `a` is older
 */
export function compareMaven(a: string, b: string): number {
  return compareItems(parsed(a), parsed(b))
}

/** A number, a word, or what a hyphen or a change between the two began. */
type Item = { number: string } | { word: string } | Item[]

const QUALIFIERS = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp']
/** Words that mean another, and those of one letter that mean one where a number follows at once. */
const SYNONYMS: Record<string, string> = { ga: '', final: '', release: '', cr: 'rc' }
const LETTERS: Record<string, string> = { a: 'alpha', b: 'beta', m: 'milestone' }

/** No real version has this many; hostile ones would use up the stack. */
const MOST_PARTS = 200

function parsed(version: string): Item[] {
  const root: Item[] = []
  let list = root
  const begin = (): void => {
    const next: Item[] = []
    list.push(next)
    list = next
  }
  const lists = [root]
  let [text, isNumber, count] = ['', false, 0]
  const end = (followedByNumber: boolean): void => {
    if (text !== '') list.push(isNumber ? { number: text } : { word: qualifier(text, followedByNumber) })
    else list.push({ number: '0' })
    text = ''
  }
  const nest = (): void => {
    begin()
    lists.push(list)
  }
  for (const character of version.trim().toLowerCase()) {
    if (count > MOST_PARTS) break
    if (character === '.') {
      end(false)
      isNumber = false
      count++
    } else if (character === '-') {
      end(false)
      nest()
      isNumber = false
      count++
    } else {
      const isDigit = character >= '0' && character <= '9'
      if (text !== '' && isDigit !== isNumber) {
        end(isDigit)
        nest()
        count++
      } else if (text === '' && !isDigit && list.length > 0 && !isFirst(list)) {
        nest()
      }
      isNumber = isDigit
      text += character
    }
  }
  if (text !== '') end(false)
  for (const one of lists.reverse()) normalise(one)
  return root
}

/** A word after a dot begins a list of its own, unless nothing stands before it. */
function isFirst(list: Item[]): boolean {
  return list.length === 0
}

function qualifier(word: string, followedByNumber: boolean): string {
  const long = followedByNumber ? (LETTERS[word] ?? word) : word
  return SYNONYMS[long] ?? long
}

/** Parts without meaning are removed from the end, and before each list. */
function normalise(list: Item[]): void {
  for (let at = list.length - 1; at >= 0; at--) {
    const item = list[at]
    if (item !== undefined && isNothing(item)) list.splice(at, 1)
    else if (!Array.isArray(item)) break
  }
}

function isNothing(item: Item): boolean {
  if (Array.isArray(item)) return item.length === 0
  return 'number' in item ? /^0*$/.test(item.number) : item.word === ''
}

function compareItems(a: Item | undefined, b: Item | undefined): number {
  if (a === undefined) return b === undefined ? 0 : -compareItems(b, undefined)
  if (Array.isArray(a)) return compareList(a, b)
  return 'number' in a ? compareNumberItem(a.number, b) : compareWord(a.word, b)
}

function compareNumberItem(number: string, other: Item | undefined): number {
  if (other === undefined) return /^0*$/.test(number) ? 0 : 1
  if (Array.isArray(other) || 'word' in other) return 1
  return compareNumbers(number, other.number)
}

function compareWord(word: string, other: Item | undefined): number {
  if (other === undefined) return compareQualifiers(word, '')
  if (Array.isArray(other) || 'number' in other) return -1
  return compareQualifiers(word, other.word)
}

function compareList(list: Item[], other: Item | undefined): number {
  if (other === undefined) {
    for (const item of list) {
      const difference = compareItems(item, undefined)
      if (difference !== 0) return difference
    }
    return 0
  }
  if (!Array.isArray(other)) return 'number' in other ? -1 : 1
  for (let at = 0; at < Math.max(list.length, other.length); at++) {
    const difference = compareItems(list[at], other[at])
    if (difference !== 0) return difference
  }
  return 0
}

/** Words without a meaning come after those with one, as text. */
function compareQualifiers(a: string, b: string): number {
  const [one, other] = [QUALIFIERS.indexOf(a), QUALIFIERS.indexOf(b)]
  if (one < 0 && other < 0) return compareTexts(a, b)
  return (one < 0 ? QUALIFIERS.length : one) - (other < 0 ? QUALIFIERS.length : other)
}
