// Globals of the engines that run the simulator besides Node: JavaScriptCore's shell and a browser's worker.

declare function readFile(path: string): string
declare function readFile(path: string, kind: 'binary'): Uint8Array
declare function print(text: string): void
declare function quit(): never
/** `simulator/phone/jsc.js` gives a program its arguments under this name. */
declare const programArguments: string[]
/** In microseconds, to the nanosecond. */
declare function preciseTime(): number
/** JavaScriptCore's only way to hear of rejections that nobody handles. */
declare function setUnhandledRejectionCallback(listener: (promise: Promise<unknown>, reason: unknown) => void): void

declare function addEventListener(type: 'unhandledrejection', listener: (event: { reason: unknown }) => void): void
declare const importScripts: ((...urls: string[]) => void) | undefined
declare const location: { origin: string; pathname: string; search: string }
declare function postMessage(message: unknown): void
declare const XMLHttpRequest: new () => {
  open(method: string, url: string, asynchronous: boolean): void
  send(): void
  responseType: string
  readonly status: number
  readonly response: any
  readonly responseText: string
}

interface Error {
  /** JavaScriptCore: the file that made the error. */
  sourceURL?: string
}

declare const WebAssembly: {
  instantiate(code: Uint8Array | object, imports?: object): Promise<any>
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports?: object) => { exports: any }
  compile(bytes: Uint8Array): Promise<object>
}
