/* Replays recorded scenes, with the same events at the same times, where no server is behind the page. */

/** The day on which the scenes were recorded, or undefined where they are live. */
export const recordedOn = () => document.querySelector('meta[name=recorded]')?.getAttribute('content')

/** The same as of a world that is entered. @param {Parameters<typeof import('./world.js').enterWorld>[0]} on */
export async function enterRecording(on) {
  const now = () => performance.timeOrigin + performance.now()
  let timer
  let plays = 0

  /** @param {string} order @param {string} [rival] */
  async function play(order, rival) {
    const number = ++plays
    const name = rival ? `${order}.${rival}` : order
    const response = await fetch(`recordings/${name}.json`)
    if (!response.ok) throw new Error(`${name} was not recorded`)
    const recording = await response.json()
    const began = now()
    const events = eventsOf(recording, began, number)

    function next() {
      while (events.length > 0 && events[0].at <= now() - began) events.shift().tell(on)
      if (events.length > 0) timer = setTimeout(next, Math.max(0, events[0].at - (now() - began)))
    }
    next()
  }

  return {
    order: (order, rival) => void play(order, rival).catch(on.gone),
    leave: () => clearTimeout(timer),
  }
}

/** What is told, and when, in milliseconds after the beginning. */
function eventsOf({ before, steps, messages }, began, number) {
  const events = [
    { at: 0, tell: (on) => on.message({ ...before, at: began }) },
    ...messages.map(({ after, message }) => ({
      at: after,
      tell: (on) => on.message('at' in message ? { ...message, at: began + message.at } : message),
    })),
  ]
  for (const { id, at, end, ...step } of steps) {
    // A scene that is played twice has other steps.
    const begun = { ...step, id: `${number} ${id}`, at: began + at }
    events.push({ at, tell: (on) => on.step(begun) })
    events.push({ at: at + end.took, tell: (on) => on.step({ ...begun, end }) })
  }
  return events.sort((one, other) => one.at - other.at)
}
