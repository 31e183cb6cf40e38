import type { PropsWithChildren } from 'react'

// There is no sign-in here: the first request triggers it.
export default function App({ children }: PropsWithChildren) {
  return children
}
