import { Button, Text, View } from '@tarojs/components'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { messageOf } from '../../messages'
import { session } from '../../session'
import './index.css'

interface Product {
  id: number
  name: string
  /** In fen. */
  price: number
}

export default function Index() {
  const state = useSyncExternalStore(session.onChange, () => session.state)
  const [products, setProducts] = useState<Product[]>([])
  const [problem, setProblem] = useState('')

  async function list() {
    try {
      const { statusCode, data } = await session.request<Product[]>({ url: '/wx/products/list' })
      if (statusCode === 200) setProducts(data)
      setProblem(statusCode === 200 ? '' : `服务器返回了 ${statusCode}`)
    } catch (error) {
      setProblem(messageOf(error))
    }
  }

  async function signIn() {
    await session.login().catch((error) => setProblem(messageOf(error)))
    if (session.state === 'signed-in') await list()
  }

  async function signOut() {
    await session.logout()
    setProducts([])
  }

  useEffect(() => {
    list()
  }, [])

  return (
    <View className="page">
      <View>登录态：{state}</View>
      {problem && <View className="problem">{problem}</View>}
      {products.map(({ id, name, price }) => (
        <View key={id}>
          <Text>
            {name}　¥{price / 100}
          </Text>
        </View>
      ))}
      {state === 'signed-in' ? <Button onClick={signOut}>退出登录</Button> : <Button onClick={signIn}>登录</Button>}
    </View>
  )
}
