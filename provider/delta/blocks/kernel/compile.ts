import { DELTA_KERNEL_WASM } from './kernel-wasm.js'

/** Compiled once and handed to the threads, which then need neither the text nor the time to compile it. */
export function compileKernel(): WebAssembly.Module {
  return new WebAssembly.Module(Buffer.from(DELTA_KERNEL_WASM, 'base64'))
}
