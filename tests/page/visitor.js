/* Somebody with a browser, and what they can do and see on the page. */
'use strict'

/** What the browser says of an answer that the page is there to show. */
const MEANT = /^Failed to load resource: the server responded with a status of (401|503)/

class Visitor {
  constructor(page, url) {
    this.page = page
    this.url = url
    /** @type {string[]} What the browser complains of. */
    this.complaints = []
    page.on('console', (message) => {
      if (message.type() === 'error' && !MEANT.test(message.text())) this.complaints.push(message.text())
    })
    page.on('pageerror', (error) => this.complaints.push(String(error.stack)))
  }

  static async come(context, url) {
    const visitor = new Visitor(await context.newPage(), url)
    await visitor.page.goto(url)
    await visitor.isReady()
    return visitor
  }

  isReady() {
    return this.page.waitForSelector('body[data-ready=true]')
  }

  /** Plays a scene to its end. */
  async play(scene) {
    await this.page.click(`[data-scene=${scene}]`)
    await this.isOver()
  }

  /** Presses a button on the phone. */
  async order(name) {
    await this.page.click(`[data-order=${name}]`)
    await this.isOver()
  }

  /** What was played is summed up once it is over. */
  isOver() {
    return this.page.waitForFunction(
      () => document.getElementById('news').textContent !== '' && document.body.dataset.ready === 'true',
    )
  }

  /** The counters, and whether each is marked as right. */
  counts() {
    return this.page.$$eval('#counters > div', (cells) =>
      Object.fromEntries(
        cells.map((cell) => [
          cell.dataset.count,
          [Number(cell.querySelector('b').textContent), cell.classList.contains('right')],
        ]),
      ),
    )
  }

  state() {
    return this.page.getAttribute('#state', 'data-state')
  }

  async text(selector) {
    return (await this.page.textContent(selector)).trim()
  }

  /** The rows of the table, as lists of texts. */
  async table() {
    await this.page.click('#table')
    const rows = await this.page.$$eval('#calls tbody tr', (rows) =>
      rows.map((row) => [...row.cells].map((cell) => cell.textContent)),
    )
    await this.page.click('#picture')
    return rows
  }

  /** Waits until the table has what is looked for: what happened elsewhere is told a moment later. */
  async tableWith(isThere) {
    const end = Date.now() + 60000
    while (Date.now() < end) {
      const rows = await this.table()
      if (isThere(rows)) return rows
      await this.page.waitForTimeout(50)
    }
    throw new Error(`the table has: ${JSON.stringify(await this.table())}`)
  }
}

module.exports = { Visitor }
