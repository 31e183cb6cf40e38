/** Runs a function of the app. An exception goes to the console and breaks nothing here. */
export function run(callback: unknown, value: unknown): unknown {
  if (typeof callback === 'function') {
    try {
      return callback(value)
    } catch (error) {
      console.error(error)
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
