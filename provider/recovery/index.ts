export { type CreatedRecovery, type CreateRecoveryOptions, createRecovery } from './create.js'
