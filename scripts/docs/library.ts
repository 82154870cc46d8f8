import path from 'node:path'
import ts from 'typescript'

/** What `provider/index.ts` exports to whoever imports the package, as the compiler sees it. */
export interface Library {
  functions: LibraryFunction[]
  /** Interfaces, classes and aliases, by their names. */
  types: LibraryType[]
  /** Types of this project that are named by a signature or an exported type but cannot be imported. */
  missing: string[]
}

export interface LibraryFunction {
  name: string
  doc: string
  /** The text after `@throws`. */
  throws: string
  /** `(request: SaveRequest): Promise<SaveResult>`. */
  signature: string
}

export interface LibraryType {
  name: string
  doc: string
  /** Names of the interfaces that it extends. */
  bases: string[]
  members: LibraryMember[]
  /** What an alias stands for. */
  text?: string
}

export interface LibraryMember {
  name: string
  doc: string
  type: string
  isOptional: boolean
}

const DOOR = 'provider/index.ts'

/** Reads the sources, beginning with their entry. */
export function readLibrary(): Library {
  const { checker, exported } = openDoor()
  const functions: LibraryFunction[] = []
  const types: LibraryType[] = []
  const missing = new Set<string>()
  const reached = new Set(exported.values())
  for (const symbol of exported.values()) {
    const [declaration] = symbol.declarations ?? []
    if (!declaration) continue
    const signature = signatureOf(symbol, declaration, checker)
    if (signature) functions.push(describedFunction(symbol, signature, checker))
    const described = describedType(symbol, declaration, checker)
    if (described) types.push(described)
    for (const named of namedIn(signature?.declaration ?? declaration, checker))
      if (isOfProject(named) && !reached.has(named)) missing.add(named.name)
  }
  return { functions, types: types.sort(byName), missing: [...missing].sort() }
}

function openDoor(): { checker: ts.TypeChecker; exported: Map<string, ts.Symbol> } {
  const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile)
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, '.')
  const program = ts.createProgram([DOOR], { ...options, noEmit: true })
  const checker = program.getTypeChecker()
  const file = program.getSourceFile(DOOR)
  const door = file && checker.getSymbolAtLocation(file)
  if (!door) throw new Error(`${DOOR} exports nothing`)
  const symbols = checker.getExportsOfModule(door).map((symbol) => unaliased(symbol, checker))
  return { checker, exported: new Map(symbols.map((symbol) => [symbol.name, symbol])) }
}

function unaliased(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

function signatureOf(
  symbol: ts.Symbol,
  declaration: ts.Declaration,
  checker: ts.TypeChecker,
): ts.Signature | undefined {
  if (!ts.isVariableDeclaration(declaration) && !ts.isFunctionDeclaration(declaration)) return undefined
  return checker.getTypeOfSymbolAtLocation(symbol, declaration).getCallSignatures()[0]
}

function describedFunction(
  symbol: ts.Symbol,
  signature: ts.Signature,
  checker: ts.TypeChecker,
): LibraryFunction {
  const { declaration } = signature
  const parameters = declaration?.parameters.map((one) => oneLine(one.getText())) ?? []
  const tags = symbol.getJsDocTags(checker)
  return {
    name: symbol.name,
    doc: docOf(symbol, checker),
    throws: oneLine(ts.displayPartsToString(tags.find(({ name }) => name === 'throws')?.text)),
    signature: `(${parameters.join(', ')}): ${oneLine(declaration?.type?.getText() ?? '')}`,
  }
}

function describedType(
  symbol: ts.Symbol,
  declaration: ts.Declaration,
  checker: ts.TypeChecker,
): LibraryType | undefined {
  const facts = { name: symbol.name, doc: docOf(symbol, checker) }
  if (ts.isTypeAliasDeclaration(declaration))
    return { ...facts, bases: [], members: [], text: aliasText(declaration.type) }
  if (!ts.isInterfaceDeclaration(declaration) && !ts.isClassDeclaration(declaration)) return undefined
  const bases = (declaration.heritageClauses ?? []).flatMap(({ types }) => types.map((one) => one.getText()))
  const members = [...declaration.members].flatMap((member) => describedMember(member, checker))
  return { ...facts, bases, members }
}

function describedMember(member: ts.TypeElement | ts.ClassElement, checker: ts.TypeChecker): LibraryMember[] {
  const symbol = member.name && checker.getSymbolAtLocation(member.name)
  if (!symbol) return []
  const type = 'type' in member ? (member.type as ts.TypeNode | undefined)?.getText() : undefined
  const isOptional = 'questionToken' in member && member.questionToken !== undefined
  const isMethod = ts.isMethodSignature(member) || ts.isMethodDeclaration(member)
  const shown = oneLine((type ?? '').replace(/\/\*\*[\s\S]*?\*\//g, '')).replace(/ \| undefined$/, '')
  return [
    { name: symbol.name, doc: docOf(symbol, checker), type: isMethod ? `() => ${shown}` : shown, isOptional },
  ]
}

/** The text of an alias; if it is taken from a list of values, the text does not contain the values. */
function aliasText(type: ts.TypeNode): string {
  return type
    .getText()
    .split('\n')
    .filter((line) => !/^\s*\/\*\*.*\*\/\s*$/.test(line))
    .map((line) => line.trim())
    .join(' ')
    .replace(/^\| /, '')
}

/** The types that a declaration names in its types; what a function does inside does not matter. */
function namedIn(declaration: ts.Node, checker: ts.TypeChecker): Set<ts.Symbol> {
  const named = new Set<ts.Symbol>()
  const visit = (node: ts.Node): void => {
    if (ts.isBlock(node) || isPrivate(node)) return
    const name = nameOfType(node)
    const symbol = name && checker.getSymbolAtLocation(name)
    if (symbol) named.add(unaliased(symbol, checker))
    ts.forEachChild(node, visit)
  }
  visit(declaration)
  return named
}

function nameOfType(node: ts.Node): ts.Node | undefined {
  if (ts.isTypeReferenceNode(node)) return node.typeName
  if (ts.isExpressionWithTypeArguments(node)) return node.expression
  return undefined
}

function isPrivate(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) &&
    node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword) === true
  )
}

function isOfProject(symbol: ts.Symbol): boolean {
  const [declaration] = symbol.declarations ?? []
  if (!declaration || ts.isTypeParameterDeclaration(declaration)) return false
  const file = path.relative('.', declaration.getSourceFile().fileName)
  return !file.startsWith('..') && !file.includes('node_modules')
}

function docOf(symbol: ts.Symbol, checker: ts.TypeChecker): string {
  return oneLine(ts.displayPartsToString(symbol.getDocumentationComment(checker)))
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

function byName(one: { name: string }, other: { name: string }): number {
  return one.name < other.name ? -1 : 1
}
