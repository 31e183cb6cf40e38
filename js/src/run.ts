/**
 * Runs a function of the app. An exception breaks nothing here: it is thrown on in a turn of its own, where `App.onError`
 * and error reporters hear of it, as they do with wx.
 */
export function run(callback: unknown, value: unknown): unknown {
  if (typeof callback === 'function') {
    try {
      return callback(value)
    } catch (error) {
      setTimeout(() => {
        throw error
      }, 0)
    }
  }
  return undefined
}

/** Calls a method of wx's task, if the base library has it. */
export function tell(task: any, method: string, value?: unknown): void {
  if (task && task[method]) {
    run(() => task[method](value), undefined)
  }
}
