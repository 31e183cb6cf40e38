import { messageOf } from '../../messages'
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
