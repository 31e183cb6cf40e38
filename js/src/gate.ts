import { SessionError, redact } from './error'
import { run } from './run'

type Held = [go: () => void, fail: (error: SessionError) => void]

/** Lets calls through once the core is loaded, and holds them in order until then. */
export class Gate {
  /** Whether the core is loaded and the calls before it was have gone. */
  isOpen = false
  private isLoading = false
  private held: Held[] = []

  /** `load` makes the core ready. A failure is told to the calls that wait, and the next call tries again. */
  constructor(private readonly load: () => Promise<void>) {}

  enter(go: () => void, fail: (error: SessionError) => void): void {
    if (this.isOpen) {
      go()
      return
    }
    this.held.push([go, fail])
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
        const isOurs = given instanceof SessionError
        const error = isOurs ? given : new SessionError('load_failed', { cause: redact(given, []) })
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
