import { SessionError } from 'wxsession'
import { session } from '../../session'

interface Product {
  id: number
  name: string
  /** In fen, hundredths of a yuan. */
  price: number
}

Page({
  data: { state: '', products: [] as Product[], problem: '' },

  /** Set by `onLoad`, which starts to watch the session. */
  stopWatching: undefined as (() => void) | undefined,

  onLoad() {
    this.setData({ state: session.state })
    this.stopWatching = session.onChange((state) => this.setData({ state }))
    return this.load()
  },

  onUnload() {
    if (this.stopWatching) this.stopWatching()
  },

  async load() {
    try {
      const { statusCode, data } = await session.request<Product[]>({ url: '/wx/products/list' })
      if (statusCode === 200) this.setData({ products: data, problem: '' })
      else this.setData({ problem: `服务器返回了 ${statusCode}` })
    } catch (error) {
      this.setData({ problem: messageOf(error) })
    }
  },

  async retry() {
    try {
      await session.login()
    } catch (error) {
      return this.setData({ problem: messageOf(error) })
    }
    await this.load()
  },

  signOut() {
    return session.logout()
  },
})

function messageOf(error: unknown): string {
  if (!(error instanceof SessionError)) throw error
  switch (error.code) {
    case 'network':
    case 'request_failed':
      return '连不上服务器，请检查网络后重试'
    case 'signed_out':
      return '你已退出登录'
    case 'session_replaced':
      return '你的账号已在另一台设备上登录'
    default:
      return '服务出错了，请稍后重试'
  }
}
