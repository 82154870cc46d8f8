/** What one job took at each size, from the smallest up. */
export interface Line {
  title: string
  points: { /** Bytes. */ size: number /** Seconds. */; processor: number /** Bytes. */; peak: number }[]
}

const WIDTH = 760
const HEIGHT = 460
const PLACE = { left: 60, right: 200, top: 20, bottom: 45 }
const COLOURS = [
  '#1b6ca8',
  '#c2410c',
  '#15803d',
  '#7e22ce',
  '#a16207',
  '#be123c',
  '#0f766e',
  '#4338ca',
  '#4d7c0f',
]
const DASHES = ['', '6 3', '2 3']

/** A plot of processor time over size, both logarithmic: what is proportional to the size has the slope of the grid. */
export function growthPlot(lines: readonly Line[]): string {
  const points = lines.flatMap((line) => line.points).filter(({ processor }) => processor > 0)
  const x = scale(
    points.map(({ size }) => size),
    [PLACE.left, WIDTH - PLACE.right],
  )
  const y = scale(
    points.map(({ processor }) => processor),
    [HEIGHT - PLACE.bottom, PLACE.top],
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    '<title>Processor time of each job over the size of the image, unpacked</title>',
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    ...x.ticks.map((value) => tick(x.at(value), HEIGHT - PLACE.bottom + 18, 'middle', sizeInWords(value))),
    ...y.ticks.map((value) => tick(PLACE.left - 8, y.at(value) + 4, 'end', `${value} s`)),
    ...x.ticks.map((value) => rule(x.at(value), PLACE.top, x.at(value), HEIGHT - PLACE.bottom)),
    ...y.ticks.map((value) => rule(PLACE.left, y.at(value), WIDTH - PLACE.right, y.at(value))),
    ...lines.flatMap((line, i) => drawn(line, i, x.at, y.at)),
    '</svg>',
    '',
  ].join('\n')
}

interface Scale {
  at(value: number): number
  /** Powers of ten. */
  ticks: number[]
}

function scale(values: readonly number[], [from, to]: [number, number]): Scale {
  const least = Math.log10(Math.min(...values))
  const greatest = Math.log10(Math.max(...values))
  const at = (value: number): number =>
    from + ((Math.log10(value) - least) / (greatest - least || 1)) * (to - from)
  const powers = Array.from({ length: 40 }, (_, i) => 10 ** (i - 20))
  return {
    at,
    ticks: powers.filter((one) => Math.log10(one) >= least - 0.01 && Math.log10(one) <= greatest + 0.01),
  }
}

function drawn({ title, points }: Line, i: number, x: Scale['at'], y: Scale['at']): string[] {
  const colour = COLOURS[i % COLOURS.length]
  const dashes = DASHES[Math.floor(i / COLOURS.length) % DASHES.length]
  const path = points
    .filter(({ processor }) => processor > 0)
    .map(({ size, processor }) => `${x(size).toFixed(1)},${y(processor).toFixed(1)}`)
  const key = PLACE.top + 12 + i * 22
  const [left, right] = [WIDTH - PLACE.right + 14, WIDTH - PLACE.right + 38]
  const stroke = `stroke="${colour}" stroke-width="2" stroke-dasharray="${dashes}" fill="none"`
  return [
    `<polyline points="${path.join(' ')}" ${stroke}/>`,
    `<polyline points="${left},${key} ${right},${key}" ${stroke}/>`,
    `<text x="${right + 6}" y="${key + 4}" fill="#222">${title}</text>`,
  ]
}

function tick(x: number, y: number, anchor: string, text: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="#444">${text}</text>`
}

function rule(x1: number, y1: number, x2: number, y2: number): string {
  const at = [x1, y1, x2, y2].map((one) => one.toFixed(1))
  return `<line x1="${at[0]}" y1="${at[1]}" x2="${at[2]}" y2="${at[3]}" stroke="#ddd"/>`
}

function sizeInWords(bytes: number): string {
  return bytes >= 1e9 ? `${bytes / 1e9} GB` : `${bytes / 1e6} MB`
}
