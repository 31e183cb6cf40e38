import { run } from './run'
import { SessionError, redact } from './error'

type Held = [go: () => void, fail: (error: SessionError) => void]

/** Holds calls in order until the core is loaded. */
export class Gate {
  /** Whether the core is loaded, so that calls need not enter. */
  isOpen = false
  /** Whether nobody has waited here and loading has not failed, so that a call that needs no core overtakes nobody. */
  isClear = true
  private isLoading = false
  private held: Held[] = []

  /** `loadCore` makes the core ready. If it fails, the calls that wait fail, and the next call loads again. */
  constructor(private readonly loadCore: () => Promise<void>) {}

  enter(go: () => void, fail: (error: SessionError) => void): void {
    if (this.isOpen) {
      go()
      return
    }
    this.isClear = false
    this.held.push([go, fail])
    this.begin()
  }

  /** Loads the core, unless that is in progress. */
  begin(): void {
    if (this.isLoading) {
      return
    }
    this.isLoading = true
    this.loadCore().then(
      () => {
        this.isOpen = true
        this.letGo(([go]) => go())
      },
      (given) => {
        const cause = redact(given, [])
        // Real-device debugging 1.0 has a WXWebAssembly that takes no path.
        const code = /buffer source/.test(cause.errMsg as string) ? 'unsupported' : 'load_failed'
        const error = given instanceof SessionError ? given : new SessionError(code, { cause })
        this.isClear = false
        this.letGo(([, fail]) => fail(error))
      },
    )
  }

  private letGo(each: (call: Held) => void): void {
    this.isLoading = false
    const calls = this.held
    this.held = []
    calls.forEach((call) => run(each, call))
  }
}
