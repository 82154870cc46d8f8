/**
 * Makes the environment what it was. `process.env` must stay the object that it is: another one in its place is not the
 * environment, and what the system or Node itself looks up there would not see later changes.
 */
export function restoreEnvironment(before: Readonly<NodeJS.ProcessEnv>): void {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
  Object.assign(process.env, before)
}
