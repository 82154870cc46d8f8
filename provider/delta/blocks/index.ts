export { type CutDelta, type CutOptions, cutDelta, type DeltaOptions, type LayerInFile } from './cut.js'
export { type DeltaHead, readDeltaHead } from './delta-file.js'
export { type JoinedLayer, joinDelta, spaceToJoin } from './join.js'
