/* The world that the server created for this page, and the phone in it. */

/**
 * @param {{step(step: object): void, message(message: object): void, lost(): void, gone(): void}} on
 */
export async function enterWorld(on) {
  const response = await fetch('/worlds', { method: 'POST' })
  if (!response.ok) throw new Error(`/worlds answered ${response.status}`)
  const { world } = await response.json()

  // How far the server's clock is ahead. No event arrives before it is sent, so the smallest difference is the best guess.
  let ahead = Infinity
  const events = new EventSource(`/worlds/${world}/events`)
  const listening = new Promise((resolve, reject) => {
    events.addEventListener('ready', resolve)
    events.addEventListener('error', () => {
      // Has no effect once the phone listens.
      reject(new Error('the events broke off'))
      on.gone()
    })
  })
  events.addEventListener('message', ({ data }) => {
    const { step, now } = JSON.parse(data)
    ahead = Math.min(ahead, performance.timeOrigin + performance.now() - now)
    // Two clocks of one machine differ by less than a message takes.
    const correction = Math.abs(ahead) < 100 ? 0 : ahead
    on.step({ ...step, id: `there ${step.id}`, at: step.at + correction })
  })
  events.addEventListener('lost', on.lost)
  try {
    await listening
  } catch (error) {
    events.close()
    throw error
  }

  const phone = new Worker('/simulator/phone/browser.js?program=/phone/main.js')
  phone.addEventListener('message', ({ data }) => {
    if (data.step) on.step({ ...data.step, id: `here ${data.step.id}` })
    else on.message(data)
  })
  phone.addEventListener('error', on.gone)
  phone.postMessage({ world })

  return {
    order: (order, rival) => phone.postMessage({ order, rival }),
    leave() {
      phone.terminate()
      events.close()
    },
  }
}
