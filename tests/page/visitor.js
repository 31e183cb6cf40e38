/* A visitor of the page: what they can do and see. */
'use strict'

const { expect, test: base } = require('@playwright/test')

/** @typedef {import('@playwright/test').Page} Page */

/** The browser's message about an answer that a scene provokes. */
const EXPECTED_COMPLAINT = /^Failed to load resource: the server responded with a status of (400|401|403|409|429|503)/

class Visitor {
  /** @param {Page} page */
  constructor(page) {
    this.page = page
    /** @type {string[]} What the browser complained of. */
    this.complaints = []
    page.on('console', (message) => {
      if (message.type() === 'error' && !EXPECTED_COMPLAINT.test(message.text())) this.complaints.push(message.text())
    })
    page.on('pageerror', (error) => this.complaints.push(String(error.stack)))
  }

  /** Opens the page. @param {Page} page */
  static async arrive(page, url = '/') {
    const visitor = new Visitor(page)
    await page.goto(url)
    await visitor.isReady()
    return visitor
  }

  isReady() {
    return this.page.waitForSelector('body[data-ready=true]')
  }

  /** Plays a scene to its end. @param {string} scene */
  async play(scene) {
    await this.page.click(`[data-scene=${scene}]`)
    await this.isOver()
  }

  /** Presses a button on the phone. @param {string} name */
  async order(name) {
    await this.page.click(`[data-order=${name}]`)
    await this.isOver()
  }

  /** A scene ends with a summary for screen readers. */
  isOver() {
    return this.page.waitForSelector('body[data-ready=true] #news:not(:empty)', { state: 'attached' })
  }

  /** Each counter's value, and whether it is marked as right. */
  counts() {
    return this.page
      .locator('#counters > div:not([hidden])')
      .evaluateAll((cells) =>
        Object.fromEntries(
          cells.map((cell) => [
            cell.dataset.count,
            [Number(cell.querySelector('b').textContent), cell.classList.contains('right')],
          ]),
        ),
      )
  }

  /** The counters of the client that races beside ours. @returns {Promise<{[name: string]: number}>} */
  countsOfRival() {
    return this.page
      .locator('#counters > div')
      .evaluateAll((cells) =>
        Object.fromEntries(cells.map((cell) => [cell.dataset.count, Number(cell.querySelector('i').textContent)])),
      )
  }

  /** The session's state, on the phone. */
  state() {
    return this.page.getAttribute('#state', 'data-state')
  }

  /** @param {string} selector */
  async text(selector) {
    return ((await this.page.textContent(selector)) ?? '').trim()
  }

  /** The rows of the table, as lists of texts. @returns {Promise<string[][]>} */
  async table() {
    return this.tableWith(() => true)
  }

  /**
   * Waits until the table is complete, as the server's events arrive a moment later, and returns its rows.
   * @param {(rows: string[][]) => boolean} isComplete
   */
  async tableWith(isComplete) {
    /** @type {string[][]} */
    let rows = []
    await this.page.click('#table')
    await this.page.waitForSelector('#calls table')
    await expect(async () => {
      rows = await this.page
        .locator('#calls tbody tr')
        .evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)))
      expect(isComplete(rows), JSON.stringify(rows)).toBe(true)
    }).toPass({ intervals: [50] })
    await this.page.click('#picture')
    return rows
  }

  /**
   * Waits until the server has told of its answers to this many requests, and returns the table's rows. From then on the picture
   * stays as it is.
   * @param {number} requests
   */
  serverHasTold(requests) {
    return this.tableWith((rows) => rows.filter((row) => row[1] === 'server' && row[5] !== '').length === requests)
  }
}

/** A test with a visitor who has opened the page. The browser must not complain. */
const test = base.extend({
  visitor: [
    async ({ page }, use) => {
      const visitor = await Visitor.arrive(page)
      await use(visitor)
      expect(visitor.complaints, 'the browser complains').toEqual([])
    },
    { auto: true },
  ],
})

module.exports = { Visitor, expect, test }
