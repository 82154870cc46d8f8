import ts from 'typescript'

/** One change to a text. */
export interface Mutant {
  operator: string
  from: number
  to: number
  text: string
  /** Before and after, on one line. */
  shown: string
}

const COMPARISONS: Partial<Record<ts.SyntaxKind, string>> = {
  [ts.SyntaxKind.LessThanToken]: '<=',
  [ts.SyntaxKind.LessThanEqualsToken]: '<',
  [ts.SyntaxKind.GreaterThanToken]: '>=',
  [ts.SyntaxKind.GreaterThanEqualsToken]: '>',
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: '!==',
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: '===',
}
const LOGIC: Partial<Record<ts.SyntaxKind, string>> = {
  [ts.SyntaxKind.AmpersandAmpersandToken]: '||',
  [ts.SyntaxKind.BarBarToken]: '&&',
}
const SUMS: Partial<Record<ts.SyntaxKind, string>> = {
  [ts.SyntaxKind.PlusToken]: '-',
  [ts.SyntaxKind.MinusToken]: '+',
}
const SHOWN = 90

/** Every change in one place that this run knows, in the order of the text. */
export function mutantsOf(file: string, text: string): Mutant[] {
  const parsed = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS)
  const found: Mutant[] = []

  function change(operator: string, node: ts.Node, changed: string): void {
    const [from, to] = [node.getStart(parsed), node.getEnd()]
    const line = parsed.getLineAndCharacterOfPosition(from).line + 1
    const shown = `line ${line}, ${oneLine(text.slice(from, to))} -> ${oneLine(changed) || 'nothing'}`
    found.push({ operator, from, to, text: changed, shown })
  }

  function visit(node: ts.Node): void {
    if (ts.isIfStatement(node) || ts.isWhileStatement(node))
      change('negated condition', node.expression, `!(${node.expression.getText(parsed)})`)
    if (ts.isConditionalExpression(node))
      change('negated condition', node.condition, `!(${node.condition.getText(parsed)})`)
    if (ts.isBinaryExpression(node)) changeOperator(node)
    if (node.kind === ts.SyntaxKind.TrueKeyword) change('true and false', node, 'false')
    if (node.kind === ts.SyntaxKind.FalseKeyword) change('true and false', node, 'true')
    if (ts.isThrowStatement(node)) change('removed throw', node, ';')
    if (ts.isExpressionStatement(node))
      change(isAwaited(node) ? 'removed awaited call' : 'removed statement', node, ';')
    ts.forEachChild(node, visit)
  }

  function changeOperator({ operatorToken }: ts.BinaryExpression): void {
    const { kind } = operatorToken
    if (COMPARISONS[kind]) change('comparison', operatorToken, COMPARISONS[kind])
    if (LOGIC[kind]) change('and, or', operatorToken, LOGIC[kind])
    if (SUMS[kind]) change('plus, minus', operatorToken, SUMS[kind])
  }

  visit(parsed)
  return found.sort((a, b) => a.from - b.from)
}

function isAwaited(node: ts.ExpressionStatement): boolean {
  return ts.isAwaitExpression(node.expression)
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}...` : line
}

/** The text with one change made. */
export function textWith(text: string, { from, to, text: changed }: Mutant): string {
  return `${text.slice(0, from)}${changed}${text.slice(to)}`
}
