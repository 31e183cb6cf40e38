import type { PropsWithChildren } from 'react'

// Nothing is said about signing in: the first request sees to it.
export default function App({ children }: PropsWithChildren) {
  return children
}
