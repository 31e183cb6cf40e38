/** Runs a function of the app's. What it throws is the app's affair and breaks nothing of ours. */
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

/** Calls a method of wx's task, which an old base library may not have. */
export function tell(task: any, method: string, value?: unknown): void {
  if (task && task[method]) {
    run(() => task[method](value), undefined)
  }
}
