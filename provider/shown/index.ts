export { short, size } from './amounts.js'
export { CommandLine } from './command.js'
export { ConfigFacts } from './config.js'
export { type Child, type Foreign, Shown } from './element.js'
export { Facts, Lines } from './facts.js'
export {
  factsOf,
  type ImageFacts,
  type Layer,
  type Settings,
  type Step,
  stepsWithLayers,
} from './image-facts.js'
export { imageColumns, type ShownImage } from './images.js'
export { LayersTable } from './layers.js'
export { packageColumns, type ShownPackage } from './packages.js'
export { type Column, ShortTable, Table, type TableProps } from './table.js'
export { chooseLanguage, filled, type Language, language, SHOWN_WORDS, type Values } from './words/words.js'
