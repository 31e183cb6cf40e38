// The glue that wasm-bindgen writes. The package build tells the bundler where it is.
declare module 'wxsession-glue' {
  /** What the core calls. None of these may throw. */
  export interface Host {
    now(): number
    save(stored: unknown[]): void
    forget(): void
    askCode(step: number): void
    prepare(step: number, code: string): void
    post(step: number, code: string, presented?: string): void
    sleep(step: number, milliseconds: number): void
    settle(ticket: number, outcome: number, retryAfter: number): void
    end(id: string): void
    changed(phase: number): void
  }
  export class Core {
    constructor(
      host: Host,
      loginUrl: string,
      loginDeadline: number,
      dataDeadline: number,
      exchangeDeadline: number,
      version: number,
      storedLoginUrl: string,
      id: string,
      received: number,
      lifetime: number,
    )
    start(): void
    trust(url: string): void
    carries(url: string): boolean
    admit(now: number): number
    generation(): number
    id(): string | undefined
    want(ticket: number, want: import('./codes').Want): void
    refused(ticket: number, generation: number, sends: number, problem: string): void
    refusedOneShot(generation: number, problem: string): void
    abort(ticket: number): void
    leave(): void
    coded(step: number, code: string): void
    prepared(step: number, isReady: boolean): void
    answered(step: number, status: number, id: string, expiresIn: number, problem: string, retryAfter: number): void
    unreachable(step: number, isInterrupted: boolean): void
    elapsed(step: number): void
  }
  /** Everything that the module imports. */
  export const imports: object
  export function __wbg_set_wasm(exports: unknown): void
}
