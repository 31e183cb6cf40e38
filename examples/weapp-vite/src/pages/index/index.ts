import { messageOf } from '../../messages'
import { session } from '../../session'

interface Product {
  id: number
  name: string
  /** In fen. */
  price: number
}

Page({
  data: {
    state: '',
    products: [] as Product[],
    problem: '',
  },

  /** Made by `onLoad`. */
  stopListening() {},

  onLoad() {
    this.setData({ state: session.state })
    this.stopListening = session.onChange((state) => this.setData({ state }))
    this.list()
  },

  onUnload() {
    this.stopListening()
  },

  async list() {
    try {
      const { statusCode, data } = await session.request<Product[]>({ url: '/wx/products/list' })
      if (statusCode === 200) this.setData({ products: data, problem: '' })
      else this.setData({ problem: `服务器返回了 ${statusCode}` })
    } catch (error) {
      this.setData({ problem: messageOf(error) })
    }
  },

  async signIn() {
    await session.login().catch((error) => this.setData({ problem: messageOf(error) }))
    if (session.state === 'signed-in') await this.list()
  },

  async signOut() {
    await session.logout()
    this.setData({ products: [] })
  },
})
