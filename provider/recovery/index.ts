/** Recovery files as PAR 2.0 has them: made, checked, and used to repair files. */
export { type CreatedRecovery, type CreateRecoveryOptions, createRecovery } from './create.js'
export type { FileCondition } from './examine.js'
export { baseOf, isRecoveryFile } from './file-name.js'
export { type RepairOptions, type RepairReport, repair } from './repair.js'
export { type FileReport, type RecoveryOptions, type RecoveryReport, verifyRecovery } from './verify.js'
