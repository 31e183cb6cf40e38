// The words of the pictures and pages, by the ending of their files' names.

/**
 * @typedef {{ day: string, machine: string, programs: string[] }} Measured
 * @typedef {typeof ENGLISH} Words
 */

const ENGLISH = {
  circumstances: (/** @type {Measured} */ { day, machine, programs }) =>
    `Measured on ${day}: ${machine}; ${programs.join(', ')}`,
  client: {
    title: 'wxsession beside other libraries',
    size: 'Bytes to download',
    sizeBudget: (/** @type {number | undefined} */ limit) => `by Brotli; our budget: ${limit}`,
    cost: 'Time per request over wx.request',
    costBudget: (/** @type {string} */ engine, /** @type {string} */ limit) =>
      `live session, ${engine}; our budget: ${limit} µs`,
    signIns: 'Sign-ins when a session expires',
    signInsOf: '20 calls, refused one after another; least: 1',
    signInsTitle: 'Sign-ins when a session expires, by library',
    signInsFooter: 'Time is simulated: every run counts the same',
    lost: (/** @type {number} */ logins, /** @type {number} */ lost) => `${logins}, ${lost} calls lost`,
  },
  comparison: [
    'library',
    'bytes',
    'set-up',
    'µs per request over `wx.request`',
    'nobody signed in',
    'refused together',
    'refused one after another',
  ],
  server: {
    title: 'wxsession-server beside other services that keep sessions',
    rate: 'Requests with a session, per second',
    connections: (/** @type {number} */ connections) => `${connections} connections`,
    processor: 'Processor time per request',
    processorBudget: (/** @type {number | undefined} */ limit) => `budget of wxsession Redis: ${limit} µs`,
    latency: '99 of 100 answers come within',
    latencyAt: (/** @type {string} */ rate) => `at ${rate} requests per second`,
  },
}

/** @type {Words} */
const CHINESE = {
  circumstances: ({ day, machine, programs }) =>
    `测于 ${day}：${machine.replace(' cores,', ' 核，')}；${programs.join('，')}`,
  client: {
    title: 'wxsession 与其他库',
    size: '下载多少字节',
    sizeBudget: (limit) => `Brotli 压缩后；本包的预算：${limit}`,
    cost: '每个请求比 wx.request 多用的时间',
    costBudget: (engine, limit) => `登录态有效，${engine}；本包的预算：${limit} µs`,
    signIns: '登录态过期时登录几次',
    signInsOf: '20 个请求先后收到 401；最少 1 次',
    signInsTitle: '登录态过期时各个库登录几次',
    signInsFooter: '时间是模拟的，每次测得的次数都一样',
    lost: (logins, lost) => `${logins}，丢了 ${lost} 个请求`,
  },
  comparison: [
    '库',
    '字节',
    '自己要写的',
    '每个请求比 `wx.request` 多用的微秒',
    '没有登录态',
    '同时被拒绝',
    '先后被拒绝',
  ],
  server: {
    title: 'wxsession-server 与其他保存登录态的服务',
    rate: '每秒处理多少个带登录态的请求',
    connections: (connections) => `${connections} 个连接`,
    processor: '每个请求用的处理器时间',
    processorBudget: (limit) => `wxsession 用 Redis 时的预算：${limit} µs`,
    latency: '99% 的响应在多长时间内返回',
    latencyAt: (rate) => `每秒 ${rate} 个请求`,
  },
}

export const WORDS = { '': ENGLISH, '.zh-CN': CHINESE }
