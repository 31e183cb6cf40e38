import type { Session } from '../../index'
import { SIGNED_OUT } from '../../src/codes'

/** Signs out here as soon as the user signs out in another tab. */
export function followSignOut(session: Session, storageKey = 'wxsession'): () => void {
  const heard = ({ key, newValue }: StorageEvent) => {
    if (key === storageKey && newValue && Object(parsed(newValue)).ended === SIGNED_OUT) {
      session.logout()
    }
  }
  addEventListener('storage', heard)
  return () => removeEventListener('storage', heard)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return undefined
  }
}
