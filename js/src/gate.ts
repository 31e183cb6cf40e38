import { SessionError, redact } from './error'
import { run } from './run'

type Held = [go: () => void, fail: (error: SessionError) => void]

/** Holds calls in order until the core is loaded. */
export class Gate {
  /** Whether the core is loaded, so that calls need not enter. */
  isOpen = false
  /** Whether nobody has waited here and loading has not failed, so that a call that needs no core overtakes nobody. */
  isClear = true
  private isLoading = false
  private held: Held[] = []

  /** `load` makes the core ready. If it fails, the calls that wait fail, and the next call loads again. */
  constructor(private readonly load: () => Promise<void>) {}

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
    this.load().then(
      () => {
        this.isOpen = true
        this.release(([go]) => go())
      },
      (given) => {
        // A module that does not fit throws what is no error of ours.
        const error = given.code ? given : new SessionError('load_failed', { cause: redact(given, []) })
        this.isClear = false
        this.release(([, fail]) => fail(error))
      },
    )
  }

  private release(each: (call: Held) => void): void {
    this.isLoading = false
    const calls = this.held
    this.held = []
    calls.forEach((call) => run(each, call))
  }
}
